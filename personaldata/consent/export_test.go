package consent

// Known is how many texts the gate remembers.
func (g *Gate) Known() int { return len(g.known.byVersion) }
