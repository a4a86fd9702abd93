"""Runs a command on a terminal of its own: onpty.py ROWS COLUMNS KEYS COMMAND...

KEYS are typed one by one; a dot waits for 0.7 s instead, ^C is Ctrl-C. Prints the last picture (all
that follows the last "home" code, without escape codes), then what became of the command and of the
terminal.
"""
import fcntl
import os
import re
import select
import struct
import sys
import termios
import time

rows, columns, keys = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3].replace("^C", "\x03")
ours, theirs = os.openpty()
fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
before = termios.tcgetattr(theirs)
pid = os.fork()
if pid == 0:
    os.setsid()
    fcntl.ioctl(theirs, termios.TIOCSCTTY, 0)
    for fd in range(3):
        os.dup2(theirs, fd)
    os.environ["TERM"] = os.environ.get("ONPTY_TERM", "xterm")
    os.execvp(sys.argv[4], sys.argv[4:])

seen = b""


def read_for(seconds):
    """Takes what the command writes; a full terminal would stop it."""
    global seen
    end = time.time() + seconds
    while time.time() < end:
        if select.select([ours], [], [], max(0, end - time.time()))[0]:
            seen += os.read(ours, 65536)


for key in keys:
    if key == ".":
        read_for(0.7)
    else:
        os.write(ours, key.encode())
        read_for(0.1)
status = None
for _ in range(100):
    done, status = os.waitpid(pid, os.WNOHANG)
    if done:
        break
    read_for(0.1)
read_for(0.1)
text = seen.decode(errors="replace").replace("\r\r", "\r")
pictures = text.split("\033[H")
last = pictures[-1].split("\033[?1049l")[0]
for line in last.split("\r\n"):
    print(re.sub(r"\033\[[?0-9;]*[A-Za-z]", "", line))
print("pictures:", len(pictures) - 1)
print("after it:", text.split("\033[?1049l")[-1].strip())
print("status:", os.WEXITSTATUS(status) if done and os.WIFEXITED(status) else "none")
print("other screen: entered", text.count("\033[?1049h"), "left", text.count("\033[?1049l"))
print("terminal:", "as before" if termios.tcgetattr(theirs) == before else "changed")
