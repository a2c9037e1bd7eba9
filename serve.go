package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"time"

	"channelbook/accounts"
	"channelbook/distributors"
	"channelbook/graph"
	"channelbook/graph/model"
	"channelbook/intake"
	"channelbook/internal/auth"
	"channelbook/internal/config"
	"channelbook/internal/db"
	"channelbook/internal/fault"
	"channelbook/leads"
	"channelbook/web"
)

const (
	// grace is how long requests that have begun may take after the server is asked to stop: 10 s to arrive, 15 s to be
	// worked, and some to be answered.
	grace = 30 * time.Second
	// housekeepingEvery is how often what is past its term is taken away.
	housekeepingEvery = time.Hour
)

// run serves until ctx ends, then finishes what it has begun. started, where given, is told the address.
func run(ctx context.Context, cfg config.Config, log *slog.Logger, stdout io.Writer, started func(net.Addr)) (err error) {
	if path, ok := db.SQLitePath(string(cfg.DatabaseURL)); ok {
		release, err := db.LockServing(path)
		if err != nil {
			return err
		}
		defer release()
	}
	d, err := open(ctx, cfg, log)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, d.Close()) }()

	s := newServices(cfg, d, log)
	handler, err := s.handler(ctx, cfg)
	if err != nil {
		return err
	}
	if err := s.revocations.Load(ctx); err != nil {
		return err
	}
	listener, err := net.Listen("tcp", cfg.HTTPAddr)
	if err != nil {
		return fmt.Errorf("listen at HTTP_ADDR: %w", err)
	}
	if err := s.firstAdmin(ctx, cfg, stdout); err != nil { // last: the password is shown once
		return errors.Join(err, listener.Close())
	}
	stop := s.inBackground(ctx, cfg)
	defer stop()
	log.InfoContext(ctx, "serving", "address", listener.Addr().String(), "url", cfg.PublicURL, "engine", d.Dialect())
	if started != nil {
		started(listener.Addr())
	}
	return web.Serve(ctx, web.NewServer(handler, log), listener, grace, log)
}

// services are the domain packages, wired.
type services struct {
	db           *db.DB
	log          *slog.Logger
	tokens       *auth.Tokens
	revocations  *accounts.Revocations
	accounts     *accounts.Service
	distributors *distributors.Service
	leads        *leads.Service
}

// now is the clock: UTC, to the microsecond, which is what PostgreSQL keeps.
func now() time.Time { return time.Now().UTC().Truncate(time.Microsecond) }

func newServices(cfg config.Config, d *db.DB, log *slog.Logger) *services {
	tokens := &auth.Tokens{Keys: cfg.JWTKeys, Now: now}
	revocations := &accounts.Revocations{DB: d, Now: now, Log: log}
	return &services{
		db: d, log: log, tokens: tokens, revocations: revocations,
		accounts:     &accounts.Service{DB: d, Now: now, Tokens: tokens, Log: log, Revocations: revocations},
		distributors: &distributors.Service{DB: d, Now: now},
		leads:        &leads.Service{DB: d, Now: now, TimeZone: cfg.BusinessTimezone, Keys: cfg.PersonalDataKeys, Log: log},
	}
}

// firstAdmin gives an empty base its administrator, and prints the password once.
func (s *services) firstAdmin(ctx context.Context, cfg config.Config, stdout io.Writer) error {
	login, password, created, err := s.accounts.CreateFirstAdmin(auth.AsSystem(ctx, "first start"), string(cfg.AdminPassword))
	switch {
	case fault.Is(err, fault.Invalid):
		return fmt.Errorf("ADMIN_PASSWORD: %w", err)
	case err != nil:
		return fmt.Errorf("create the first administrator: %w", err)
	case created && cfg.AdminPassword == "":
		_, err = fmt.Fprintf(stdout, "\nThe base is empty. An administrator was created, and this is shown once:\n\n  login:    %s\n  password: %s\n\n", login, password)
	}
	return err
}

func (s *services) handler(ctx context.Context, cfg config.Config) (http.Handler, error) {
	routes := web.Routes{"/query": graph.Edge{
		Resolver: &graph.Resolver{
			Accounts: s.accounts, Distributors: s.distributors, Leads: s.leads, Read: &model.Reader{DB: s.db}, Log: s.log,
		},
		Tokens: s.tokens, Revocations: s.revocations, Log: s.log,
	}.Handler()}
	for pattern, h := range (intake.Edge{Leads: s.leads, Log: s.log}).Routes() {
		routes[pattern] = h
	}
	return web.Edge{
		Log: s.log, TrustedProxies: cfg.TrustedProxies, CORSOrigins: cfg.CORSOrigins,
		Schema: graph.SDL(), Ready: s.db.Ready, Stopping: ctx.Done(),
	}.Handler(routes)
}

// inBackground starts what runs beside the requests. stop ends it, after the requests, and waits.
func (s *services) inBackground(ctx context.Context, cfg config.Config) (stop func()) {
	ctx, cancel := context.WithCancel(context.WithoutCancel(ctx))
	var running sync.WaitGroup
	running.Go(func() {
		if err := s.revocations.Run(ctx); err != nil {
			s.log.ErrorContext(ctx, "revocations stopped", "error", err)
		}
	})
	running.Go(func() { s.keepHouse(ctx, cfg.RawBodyRetention) })
	return func() {
		cancel()
		running.Wait()
	}
}

// keepHouse takes away what is past its term, now and every hour. Doing it twice, or on several instances, does no harm.
func (s *services) keepHouse(ctx context.Context, rawBodies time.Duration) {
	tick := time.NewTicker(housekeepingEvery)
	defer tick.Stop()
	for {
		system := auth.AsSystem(ctx, "housekeeping")
		_, err := s.leads.DropRawBodies(system, now().Add(-rawBodies))
		if err = errors.Join(err, s.accounts.Sweep(system)); err != nil && ctx.Err() == nil {
			s.log.ErrorContext(ctx, "housekeeping failed; it is tried again in an hour", "error", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}
