"""Tables of attributes, as spreadsheets, pandas and data sets write them."""
