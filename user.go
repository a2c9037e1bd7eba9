package main

import (
	"bufio"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"os"
	"slices"
	"strings"

	"golang.org/x/term"

	"channelbook/accounts"
	"channelbook/internal/auth"
	"channelbook/internal/config"
	"channelbook/internal/db"
	"channelbook/internal/gid"
	"channelbook/internal/metrics"
)

// userCommand makes users, gives them passwords and takes their second factors away without a server.
func userCommand(ctx context.Context, cfg config.Config, log *slog.Logger, args []string, stdin io.Reader, stdout io.Writer) error {
	if len(args) == 0 || !slices.Contains([]string{"create", "set-password", "reset-second-factor"}, args[0]) {
		return errors.New("user wants create, set-password or reset-second-factor: see channelbook -help")
	}
	flags := flag.NewFlagSet("user "+args[0], flag.ContinueOnError)
	flags.SetOutput(stdout)
	login := flags.String("login", "", "the user's login")
	role := flags.String("role", "", "admin or distributor, for create")
	distributor := flags.String("distributor", "", "the id of the distributor whose user it is, for the role distributor")
	if err := flags.Parse(args[1:]); err != nil {
		return err
	}
	if flags.NArg() > 0 {
		return fmt.Errorf("user %s knows no %q: see channelbook -help", args[0], flags.Arg(0))
	}
	if *login == "" {
		return errors.New("-login is missing")
	}
	if path, ok := db.SQLitePath(string(cfg.DatabaseURL)); ok && args[0] != "create" {
		if there, err := exists(path); err != nil || !there {
			return errors.Join(fmt.Errorf("there is no base at %s: DATABASE_URL names it", path), err)
		}
	}
	d, err := open(ctx, cfg, log, nil)
	if err != nil {
		return err
	}
	defer func() { _ = d.Close() }()
	s := newServices(cfg, ground{db: d, metrics: &metrics.Metrics{}, log: log, now: now}).accounts
	s.Revocations = nil // this process serves nobody
	ctx = auth.AsSystem(ctx, "user "+args[0])
	if args[0] == "reset-second-factor" {
		return resetSecondFactor(ctx, s, *login, stdout)
	}

	password, generated, err := askPassword(ctx, stdin, stdout)
	if err != nil {
		return err
	}
	if args[0] == "create" {
		err = createUser(ctx, s, *login, password, *role, *distributor)
	} else {
		err = s.SetPassword(ctx, *login, password)
	}
	if err != nil {
		return err
	}
	fmt.Fprintf(stdout, "The user %s can sign in.\n", *login)
	if generated {
		fmt.Fprintf(stdout, "password: %s\n", password)
	}
	return nil
}

// resetSecondFactor lets somebody who has lost the phone in by the password again, or set up another second factor.
func resetSecondFactor(ctx context.Context, s *accounts.Service, login string, stdout io.Writer) error {
	if err := s.ResetSecondFactorOf(ctx, login); err != nil {
		return err
	}
	_, err := fmt.Fprintf(stdout, "The second factor of %s is gone, and the user's sessions have ended.\n", login)
	return err
}

func createUser(ctx context.Context, s *accounts.Service, login, password, role, distributor string) error {
	in := accounts.NewUser{Login: login, Password: password, Role: auth.Role(strings.ToUpper(role))}
	if distributor != "" {
		id, err := gid.Distributor.Parse(distributor)
		if err != nil {
			return fmt.Errorf("-distributor: %w", err)
		}
		in.DistributorID = &id
	}
	_, err := s.CreateUser(ctx, in)
	return err
}

// askPassword reads a line; an empty one, or none, means a generated password. It does not wait beyond ctx.
func askPassword(ctx context.Context, stdin io.Reader, stdout io.Writer) (password string, generated bool, err error) {
	fmt.Fprint(stdout, "Password (empty to generate one): ")
	line, err := readLine(ctx, stdin)
	fmt.Fprintln(stdout)
	if err != nil {
		return "", false, fmt.Errorf("read the password: %w", err)
	}
	if line == "" {
		return accounts.GeneratePassword(), true, nil
	}
	return line, false, nil
}

// hidden is a terminal that does not show what is typed.
type hidden struct{ terminal *os.File }

// Read reads a whole line, with its end.
func (h hidden) Read(b []byte) (int, error) {
	line, err := term.ReadPassword(int(h.terminal.Fd()))
	if err != nil {
		return 0, err
	}
	return copy(b, append(line, '\n')), nil
}

// readLine reads one line without its end; from a terminal, without showing it. Where ctx ends first the reading goes on
// for nobody: the process is about to end.
func readLine(ctx context.Context, from io.Reader) (string, error) {
	type result struct {
		line string
		err  error
	}
	read := make(chan result, 1)
	if file, ok := from.(*os.File); ok && term.IsTerminal(int(file.Fd())) {
		shown, err := term.GetState(int(file.Fd()))
		if err != nil {
			return "", err
		}
		defer func() { _ = term.Restore(int(file.Fd()), shown) }()
		from = hidden{file}
	}
	go func() {
		line, err := bufio.NewReader(from).ReadString('\n')
		if errors.Is(err, io.EOF) {
			err = nil
		}
		read <- result{strings.TrimRight(line, "\r\n"), err}
	}()
	select {
	case <-ctx.Done():
		return "", ctx.Err()
	case r := <-read:
		return r.line, r.err
	}
}
