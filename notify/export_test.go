package notify

// Buffer lets n notifications wait for a subscriber in memory: with one or two, what is passed and what is read from the base
// follow each other all the time.
func (s *Service) Buffer(n int) { s.buffer = n }
