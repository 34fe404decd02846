"""Data sets packed by other libraries, unpacked to a folder of files that ``scgan prepare folder`` reads."""
