package webhooks

import "context"

// Send is what the queue has done for an event that is due.
func (s *Service) Send(ctx context.Context, d Due) error { return s.send(ctx, d) }

// Pause is how long is waited between attempts.
var Pause = pause

// Refused tells whether a connection to an address is refused.
func Refused(network, address string) bool { return guard(network, address, nil) != nil }
