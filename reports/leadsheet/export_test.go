package leadsheet

// WithRowsPerSheet makes a maker whose sheets are shorter.
func WithRowsPerSheet(m Maker, n int) *Maker {
	m.rowsPerSheet = n
	return &m
}

// Batch is how many leads are read at once.
const Batch = batch
