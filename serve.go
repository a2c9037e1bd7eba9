package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"net"
	"net/http"
	"os"
	"slices"
	"strings"
	"sync"
	"time"

	"entgo.io/ent/dialect"
	"golang.org/x/net/netutil"

	"channelbook/accounts"
	"channelbook/distributors"
	"channelbook/goals"
	"channelbook/graph"
	"channelbook/graph/model"
	"channelbook/imports"
	"channelbook/intake"
	"channelbook/internal/album"
	"channelbook/internal/auth"
	"channelbook/internal/config"
	"channelbook/internal/db"
	"channelbook/internal/fault"
	"channelbook/internal/files"
	"channelbook/internal/jobs"
	"channelbook/internal/metrics"
	"channelbook/internal/ratelimit"
	"channelbook/leads"
	"channelbook/leads/figures"
	"channelbook/leads/insight"
	"channelbook/leads/watch"
	"channelbook/notify"
	"channelbook/notify/channel"
	"channelbook/notify/deliveries"
	"channelbook/notify/email"
	"channelbook/notify/preferences"
	"channelbook/notify/templates"
	"channelbook/notify/webhooks"
	"channelbook/notify/whatsapp"
	"channelbook/payouts"
	"channelbook/personaldata/audit"
	"channelbook/personaldata/consent"
	"channelbook/personaldata/processors"
	"channelbook/personaldata/rotation"
	"channelbook/reports"
	"channelbook/reports/documents"
	"channelbook/reports/leadsheet"
	"channelbook/reports/payoutsheet"
	"channelbook/reports/pdf"
	"channelbook/reports/planfact"
	"channelbook/web"
)

// grace is how long requests that have begun may take once the server takes no new ones: 10 s to arrive, 15 s to be
// worked, and some to be answered.
const grace = 30 * time.Second

// run serves until ctx ends, then finishes what it has begun. started, where given, is told the address; that of the
// metrics stands in the log before.
func run(ctx context.Context, cfg config.Config, log *slog.Logger, stdout io.Writer, started func(net.Addr)) (err error) {
	if path, ok := db.SQLitePath(string(cfg.DatabaseURL)); ok {
		release, err := db.LockServing(path)
		if err != nil {
			return err
		}
		defer release()
	}
	m := newMetrics(cfg)
	d, err := open(ctx, cfg, log, m.DB)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, d.Close()) }()

	store, err := openStore(ctx, cfg, d, log)
	if err != nil {
		return err
	}
	s := newServices(cfg, ground{db: d, store: store, metrics: m, log: log, now: now})
	if err := s.rotation.Register(ctx); err != nil {
		return withoutMadeKeys(cfg, err)
	}
	if err := s.audit.Begin(ctx); err != nil {
		return err
	}
	handler, endLive, err := s.handler(ctx, cfg)
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
	listener = netutil.LimitListener(listener, cfg.HTTPMaxConns)
	stopMetrics, err := serveMetrics(cfg.MetricsAddr, m, log)
	if err != nil {
		return errors.Join(err, listener.Close())
	}
	defer stopMetrics()
	if err := s.firstAdmin(ctx, cfg, stdout); err != nil { // last: the password is shown once
		return errors.Join(err, listener.Close())
	}
	stop := s.inBackground(ctx, cfg)
	defer stop()
	log.InfoContext(ctx, "serving", "address", listener.Addr().String(), "url", cfg.PublicURL, "engine", d.Dialect())
	if started != nil {
		started(listener.Addr())
	}
	server := web.NewServer(handler, log)
	server.RegisterOnShutdown(endLive)
	defer endLive() // the server does not wait for sockets
	return web.Serve(ctx, server, listener, web.Stop{Delay: cfg.ShutdownDelay, Grace: grace}, log)
}

// withoutMadeKeys takes the file of keys away that this start has made for a base which has others: it would be taken for
// the one that is missing.
func withoutMadeKeys(cfg config.Config, err error) error {
	if cfg.MadePersonalDataKeys == "" {
		return err
	}
	return errors.Join(fmt.Errorf("%s is not there; put back the one that belongs to this base, or set PERSONAL_DATA_KEYS: %w", cfg.MadePersonalDataKeys, err),
		os.Remove(cfg.MadePersonalDataKeys))
}

// openStore opens the store of files, and says where files are.
func openStore(ctx context.Context, cfg config.Config, d *db.DB, log *slog.Logger) (files.Store, error) {
	store, err := files.Open(ctx, string(cfg.FilesDir))
	switch {
	case errors.Is(err, files.ErrNoAnswer): // leads are taken in all the same
		log.WarnContext(ctx, "pictures can be neither kept nor shown before it answers", "error", err)
	case err != nil:
		return nil, fmt.Errorf("FILES_DIR: %w", err)
	}
	log.InfoContext(ctx, "files are kept", "where", store.String())
	if d.Dialect() == dialect.Postgres && !strings.HasPrefix(string(cfg.FilesDir), "s3://") {
		log.InfoContext(ctx, "several instances need to have the folder of FILES_DIR in common, or a bucket instead")
	}
	return store, nil
}

// ground is what the services stand on.
type ground struct {
	db      *db.DB
	store   files.Store // nil for a command that keeps no files
	metrics *metrics.Metrics
	log     *slog.Logger
	now     func() time.Time
}

// services are the domain packages, wired.
type services struct {
	ground
	tokens       *auth.Tokens
	links        *auth.Links
	revocations  *accounts.Revocations
	album        *album.Album
	audit        *audit.Log
	rotation     *rotation.Service
	accounts     *accounts.Service
	distributors *distributors.Service
	leads        *leads.Service
	figures      *figures.Service
	insight      *insight.Service
	goals        *goals.Service
	payouts      *payouts.Service
	consents     *consent.Service
	notify       *notify.Service
	watch        *watch.Service
	processors   *processors.Service
	preferences  *preferences.Service
	templates    *templates.Service
	deliveries   *deliveries.Service
	webhooks     *webhooks.Service
	reports      *reports.Service
	jobs         *jobs.Queue
	imports      *imports.Service
	hooks        web.Hooks // of providers
}

// now is the clock: UTC, to the microsecond, which is what PostgreSQL keeps.
func now() time.Time { return time.Now().UTC().Truncate(time.Microsecond) }

func newServices(cfg config.Config, g ground) *services {
	s := &services{
		ground:      g,
		tokens:      &auth.Tokens{Keys: cfg.JWTKeys, Now: g.now},
		links:       &auth.Links{Keys: cfg.JWTKeys, Now: g.now},
		revocations: &accounts.Revocations{DB: g.db, Now: g.now, Log: g.log},
		album:       &album.Album{DB: g.db, Store: g.store, Now: g.now, Log: g.log},
		audit: &audit.Log{DB: g.db, Keys: cfg.PersonalDataKeys, Now: g.now, Log: g.log, Sealed: func(begun time.Time, err error) {
			g.metrics.Jobs.Ran("audit_seal", begun, err)
		}},
	}
	s.notify = &notify.Service{DB: g.db, Now: g.now, Log: g.log, Ran: func(begun time.Time, err error) {
		g.metrics.Jobs.Ran("notices", begun, err)
	}}
	s.watch = &watch.Service{DB: g.db, Log: g.log, Ran: func(begun time.Time, err error) {
		g.metrics.Jobs.Ran("lead_changes", begun, err)
	}}
	s.outside(cfg)
	s.rotation = &rotation.Service{DB: g.db, Keys: cfg.PersonalDataKeys, Now: g.now, Log: g.log}
	s.accounts = &accounts.Service{DB: g.db, Now: g.now, Tokens: s.tokens, Log: g.log, Revocations: s.revocations, Album: s.album, Keys: cfg.PersonalDataKeys, AdminsNeedTwoFactors: cfg.AdminsNeedTwoFactors, Metrics: g.metrics.SignIns}
	s.distributors = &distributors.Service{DB: g.db, Now: g.now, TimeZone: cfg.BusinessTimezone, Album: s.album, Keys: cfg.PersonalDataKeys}
	s.leads = &leads.Service{DB: g.db, Now: g.now, TimeZone: cfg.BusinessTimezone, Keys: cfg.PersonalDataKeys, Log: g.log, Metrics: g.metrics.Intake}
	s.figures = &figures.Service{DB: g.db, Now: g.now, TimeZone: cfg.BusinessTimezone, Log: g.log, Ran: func(begun time.Time, err error) {
		s.ran(figures.Job, begun, err)
	}}
	s.goals = &goals.Service{DB: g.db, Now: g.now, TimeZone: cfg.BusinessTimezone, Log: g.log, Ran: s.ran}
	s.insight = &insight.Service{DB: g.db, Now: g.now, TimeZone: cfg.BusinessTimezone, Eyes: leads.Eyes{Keys: cfg.PersonalDataKeys, MaskUntilTaken: cfg.MaskContacts}}
	s.payouts = &payouts.Service{DB: g.db, Now: g.now, TimeZone: cfg.BusinessTimezone, Leads: s.leads}
	s.consents = &consent.Service{DB: g.db, Now: g.now, Changed: s.leads.Changed}
	s.makeReports(cfg)
	s.imports = &imports.Service{DB: g.db, Now: g.now, TimeZone: cfg.BusinessTimezone, Keys: cfg.PersonalDataKeys, Store: g.store, Log: g.log, Leads: s.leads, Distributors: s.distributors}
	s.imports.Work(s.jobs)
	return s
}

// outside wires what leaves the house.
func (s *services) outside(cfg config.Config) {
	senders := waysOut(cfg)
	s.processors = &processors.Service{DB: s.db, Now: s.now, SetUp: slices.Sorted(maps.Keys(senders))}
	s.preferences = &preferences.Service{DB: s.db, Now: s.now, TimeZone: cfg.BusinessTimezone}
	s.templates = &templates.Service{DB: s.db, Now: s.now, TimeZone: cfg.BusinessTimezone, Keys: cfg.PersonalDataKeys, PublicURL: cfg.PublicURL}
	s.deliveries = &deliveries.Service{
		DB: s.db, Now: s.now, Log: s.log, Keys: cfg.PersonalDataKeys, TimeZone: cfg.BusinessTimezone, Templates: s.templates, Wishes: s.preferences, Senders: senders,
		Timeout: cfg.JobTimeout, Metrics: s.metrics.Deliveries,
	}
	s.metrics.Deliveries.Watch(s.deliveries.Standing)
	s.webhooks = &webhooks.Service{DB: s.db, Now: s.now, Log: s.log, Keys: cfg.PersonalDataKeys, AllowPrivate: cfg.WebhooksAllowPrivate, Metrics: s.metrics.Webhooks}
	s.notify.Channels = s.processors.SetUp
	s.notify.Further = append(s.notify.Further, s.deliveries.Plan, s.deliveries.PlanWelcomes, s.webhooks.Plan)
	s.jobs = &jobs.Queue{
		DB: s.db, Log: s.log, Timeout: cfg.JobTimeout, Ran: s.metrics.Jobs.Ran, Audit: audit.Jobs(s.now), Watched: &jobs.Recorder{DB: s.db, Log: s.log, Every: regularly},
		Lines: map[string]int{"email": cfg.Email.Connections, "whatsapp": whatsappAtOnce, "webhooks": webhooksAtOnce, imports.Line: 1},
	}
	maps.Copy(s.jobs.Lines, reports.Lines)
	s.deliveries.Work(s.jobs)
	s.webhooks.Work(s.jobs)
	s.jobs.Regularly("overdue_webhook_events", time.Hour, s.webhooks.Overdue)
	s.callbacks(cfg)
}

// mailedLinkLasts is how long the link of a mail opens a report's file at most.
const mailedLinkLasts = 7 * 24 * time.Hour

// makeReports wires the reports.
func (s *services) makeReports(cfg config.Config) {
	eyes := leads.Eyes{Keys: cfg.PersonalDataKeys, MaskUntilTaken: cfg.MaskContacts}
	s.reports = &reports.Service{
		DB: s.db, Now: s.now, Log: s.log, Keys: cfg.PersonalDataKeys, Store: s.store, TimeZone: cfg.BusinessTimezone, Retention: cfg.ReportRetention, PDF: pdf.Find(),
		Makers: map[string]reports.Maker{
			reports.Leads: (&leadsheet.Maker{Eyes: eyes}).Write, reports.PlanFact: planfact.Write, reports.Payouts: payoutsheet.Write,
			reports.AgentReport: documents.Write, reports.ActOfServices: documents.Write,
		},
	}
	s.reports.Work(s.jobs)
	s.templates.FileLinkLasts = min(cfg.ReportRetention, mailedLinkLasts)
	s.templates.FileLink = func(path string, until time.Time) string {
		return cfg.PublicURL + path + "?" + s.links.Sign(path, until)
	}
}

// How many are sent at once by an instance.
const (
	whatsappAtOnce = 8
	webhooksAtOnce = 8
)

// waysOut are the senders of the channels that are set up.
func waysOut(cfg config.Config) map[string]channel.Sender {
	by := map[string]channel.Sender{}
	switch {
	case cfg.Email.ElasticKey != "":
		by[channel.Email] = email.NewElastic(cfg.Email.ElasticURL, cfg.Email.ElasticKey, cfg.Email.From, cfg.Email.Connections)
	case cfg.Email.SMTPURL != "":
		server, err := email.NewSMTP(string(cfg.Email.SMTPURL), cfg.Email.From)
		if err != nil {
			panic("SMTP_URL: " + err.Error()) // config has read it
		}
		by[channel.Email] = server
	}
	if cfg.WhatsApp.Set() {
		by[channel.WhatsApp] = whatsapp.New(cfg.WhatsApp.URL, cfg.WhatsApp.PhoneNumberID, cfg.WhatsApp.Token)
	}
	return by
}

// callbacks are where providers tell what became of messages, as far as they are set up.
func (s *services) callbacks(cfg config.Config) {
	if elastic, ok := s.deliveries.Senders[channel.Email].(*email.Elastic); ok && cfg.Email.ElasticToken != "" {
		s.hooks.Email = &email.Callbacks{DB: s.db, Elastic: elastic, Token: cfg.Email.ElasticToken, Report: s.deliveries.Report}
		s.hooks.Email.Work(s.jobs)
	}
	if cfg.WhatsApp.AppSecret != "" {
		s.hooks.WhatsApp = &whatsapp.Callbacks{DB: s.db, AppSecret: cfg.WhatsApp.AppSecret, VerifyToken: cfg.WhatsApp.VerifyToken, Report: s.deliveries.Report}
		s.hooks.WhatsApp.Work(s.jobs)
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

// handler serves everything. endLive ends what stays connected, and waits for it.
func (s *services) handler(ctx context.Context, cfg config.Config) (h http.Handler, endLive func(), err error) {
	operations, err := allowedOperations(cfg.AllowedOperations)
	if err != nil {
		return nil, nil, err
	}
	bearer := accounts.Bearer{Tokens: s.tokens, Revocations: s.revocations}
	requests := ratelimit.NewRequests(cfg.RatePerUser, cfg.RatePerAddress, s.now)
	link := func(path string) string { return cfg.PublicURL + path + "?" + s.links.SignForADay(path) }
	linkUntil := func(path string, until time.Time) string {
		return cfg.PublicURL + path + "?" + s.links.Sign(path, until)
	}
	reported := web.Reports{Reports: s.reports, Bearer: bearer, Audit: s.audit, Requests: requests, Log: s.log}
	query, endLive := graph.Edge{
		Resolver: &graph.Resolver{
			Templates: s.templates, Deliveries: s.deliveries, Processors: s.processors, Preferences: s.preferences, Webhooks: s.webhooks,
			Accounts: s.accounts, Distributors: s.distributors, Leads: s.leads, Insight: s.insight, Goals: s.goals, Payouts: s.payouts, Reports: s.reports, Imports: s.imports, Notify: s.notify, Watch: s.watch, Consents: s.consents, Audit: s.audit, Jobs: s.jobs,
			Read: &model.Reader{DB: s.db, Now: s.now, Figures: s.figures, Plans: s.goals, Payouts: s.payouts, Feed: s.notify, Jobs: s.jobs, Eyes: leads.Eyes{Keys: cfg.PersonalDataKeys, MaskUntilTaken: cfg.MaskContacts}, Link: link, LinkUntil: linkUntil, Reports: s.reports}, Log: s.log,
		},
		Bearer: bearer, Requests: requests, Origins: append([]string{web.OriginOf(cfg.PublicURL)}, cfg.CORSOrigins...), Now: s.now, Log: s.log, Metrics: s.metrics.Live,
		NoIntrospection: !cfg.Introspection, Operations: operations,
	}.Handler()
	routes := web.Routes{"/query": query}
	maps.Copy(routes, (intake.Edge{Leads: s.leads, Requests: requests, Log: s.log}).Routes())
	maps.Copy(routes, web.Files{
		Distributors: s.distributors, Accounts: s.accounts, Album: s.album, Bearer: bearer, Audit: s.audit, Links: s.links, Link: link, Requests: requests, Reports: reported, Log: s.log,
	}.Routes())
	maps.Copy(routes, reported.Routes())
	s.hooks.Requests, s.hooks.Log = requests, s.log
	maps.Copy(routes, s.hooks.Routes())
	maps.Copy(routes, web.Audit{Audit: s.audit, Bearer: bearer, Requests: requests, Log: s.log}.Routes())
	maps.Copy(routes, web.Imports{Imports: s.imports, Bearer: bearer, Audit: s.audit, Requests: requests, Log: s.log}.Routes())
	edge := web.Edge{
		Log: s.log, Metrics: s.metrics.HTTP, TrustedProxies: cfg.TrustedProxies, CORSOrigins: cfg.CORSOrigins, PublicURL: cfg.PublicURL,
		Requests: requests, NoGraphiQL: !cfg.GraphiQL, Ready: s.db.Ready, Stopping: ctx.Done(),
	}
	if cfg.Introspection {
		edge.Schema = graph.SDL()
	}
	h, err = edge.Handler(routes)
	return h, endLive, err
}

// allowedOperations reads the clients' documents; nil where any operation is allowed.
func allowedOperations(path string) (*graph.Operations, error) {
	if path == "" {
		return nil, nil
	}
	operations, err := graph.LoadOperations(path)
	if err != nil {
		return nil, fmt.Errorf("ALLOWED_OPERATIONS: %w", err)
	}
	return operations, nil
}

// inBackground starts what runs beside the requests. stop ends it, after the requests, and waits.
func (s *services) inBackground(ctx context.Context, cfg config.Config) (stop func()) {
	s.keepHouse(s.housekeeping(cfg))
	untilStop, end := context.WithCancel(ctx)
	ctx, cancel := context.WithCancel(context.WithoutCancel(ctx))
	var running sync.WaitGroup
	running.Go(func() {
		if err := s.revocations.Run(ctx); err != nil {
			s.log.ErrorContext(ctx, "revocations stopped", "error", err)
		}
	})
	running.Go(func() { s.audit.Run(ctx) })
	running.Go(func() { s.notify.Run(ctx) })
	running.Go(func() { s.watch.Run(ctx) })
	running.Go(func() { s.jobs.Run(untilStop) }) // what it has begun may take longer than the requests, and ends beside them
	running.Go(func() { s.goals.Run(ctx) })
	running.Go(func() { s.figures.Run(ctx) })
	return func() {
		end()
		cancel()
		running.Wait()
	}
}
