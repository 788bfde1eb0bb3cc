"""`make bench`: figures as medians and ratios of alternating runs in one process tree; see results.md."""
