package email

import (
	"context"
	"net"

	"github.com/wneessen/go-mail"
)

// DialsHere has a sender call this machine, whatever the server's name is.
func DialsHere(s *SMTP) {
	s.options = append(s.options, mail.WithDialContextFunc(func(ctx context.Context, network, address string) (net.Conn, error) {
		_, port, err := net.SplitHostPort(address)
		if err != nil {
			return nil, err
		}
		return new(net.Dialer).DialContext(ctx, network, net.JoinHostPort("127.0.0.1", port))
	}))
}
