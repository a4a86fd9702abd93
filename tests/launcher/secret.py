"""Where a job's secret shows: secret.py HEXFILE TAG PATH...

HEXFILE has it in hexadecimal digits. Looks at the command line and the environment of each process
whose environment has TAG, or an ancestor with it, and at all files below the PATHs, for the bytes
themselves and for their usual spellings. Prints each place, and how many it has looked at.
"""

import base64
import os
import stat
import sys


def read(path):
    try:
        with open(path, "rb") as file:
            return file.read(64 << 20)
    except OSError:
        return b""


def spellings(secret):
    plain = base64.b64encode(secret)
    return [secret, secret.hex().encode(), secret.hex().upper().encode(), plain.rstrip(b"="),
            plain.translate(bytes.maketrans(b"+/", b"-_")).rstrip(b"=")]


def parent(pid):
    words = read(f"/proc/{pid}/stat").rpartition(b")")[2].split()
    return int(words[1]) if len(words) > 1 else 0


def processes(tag):
    pids = [int(name) for name in os.listdir("/proc") if name.isdigit()]
    tagged = {pid for pid in pids if tag in read(f"/proc/{pid}/environ")}
    for pid in pids:
        above = pid
        while above > 1 and above not in tagged:
            above = parent(above)
        if above > 1 and pid != os.getpid():
            yield pid


def files(path):
    if os.path.isfile(path):
        yield path
    for folder, _, names in os.walk(path):
        yield from (os.path.join(folder, name) for name in names)


def main():
    secret = bytes.fromhex(read(sys.argv[1]).decode().strip())
    if len(secret) < 16:
        sys.exit("there is no secret to look for")
    places = [f"/proc/{pid}/{what}" for pid in processes(sys.argv[2].encode()) for what in ("cmdline", "environ")]
    places += [file for path in sys.argv[3:] for file in files(path)
               if stat.S_ISREG(os.lstat(file).st_mode)]  # a pipe would be waited for
    for place in places:
        if any(text in read(place) for text in spellings(secret)):
            print(f"in {place}")
    print(f"{len(places)} places")


main()
