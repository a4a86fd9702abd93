# Documents for readers of the source.
doc_DATA = README.md CHANGELOG.md LICENSE
EXTRA_DIST += $(wildcard $(srcdir)/doc/*.md)
