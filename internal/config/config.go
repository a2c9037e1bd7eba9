// Package config is the server's settings: read from the environment once, checked whole at the start. The table of
// them all, with defaults and meanings, is in settings.go.
package config

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/netip"
	"path/filepath"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"channelbook/internal/auth"
	"channelbook/internal/reqctx"
	"channelbook/internal/seal"
)

// Config is what the server runs by.
type Config struct {
	HTTPAddr         string
	HTTPMaxConns     int
	MetricsAddr      string      // empty: metrics are off
	DatabaseURL      seal.Secret // it may hold a password
	DatabaseMaxConns int
	PublicURL        string // without a slash at its end
	JWTKeys          auth.Keys
	PersonalDataKeys seal.Keys
	// MadePersonalDataKeys is the file of PersonalDataKeys where this start has made it.
	MadePersonalDataKeys  string
	BusinessTimezone      *time.Location
	AdminPassword         seal.Secret
	TrustedProxies        []netip.Prefix
	CORSOrigins           []string
	RatePerUser           int // requests a second; 0: any
	RatePerAddress        int // likewise, of those who are nobody
	Introspection         bool
	GraphiQL              bool
	AllowedOperations     string // a file or folder of documents; empty: any operation is executed
	RawBodyRetention      time.Duration
	MaskContacts          bool // from distributors, until they work a lead
	AdminsNeedTwoFactors  bool
	AuditRetention        time.Duration
	NotificationRetention time.Duration
	ReportRetention       time.Duration
	FilesDir              seal.Secret // it may hold a bucket's key
	ShutdownDelay         time.Duration
	JobTimeout            time.Duration
	Email                 Email
	WhatsApp              WhatsApp
	WebhooksAllowPrivate  bool // webhooks may be addresses of private networks, and of this machine
	LogLevel              slog.Level
	LogFormat             string // text or json
}

// Load reads the settings and checks them all: the error has a sentence for each that is wrong or missing. Keys that
// are not set are read from files beside the SQLite base, and generated there at the first start; a start that fails
// leaves nothing behind.
func Load(getenv func(string) string) (Config, error) { return load(getenv, "") }

// LoadApart is Load for a base that has another one beside it: its keys are in files with a prefix, so that what one server
// signs opens nothing at the other.
func LoadApart(getenv func(string) string, prefix string) (Config, error) {
	return load(getenv, prefix)
}

func load(getenv func(string) string, prefix string) (Config, error) {
	var c Config
	wrong := readSettings(&c, getenv)
	missing := notSet(getenv)
	wrong = append(wrong, checkMissing(&c, missing)...)
	wrong = append(wrong, c.checkChannels()...)
	if len(wrong) > 0 {
		return Config{}, errors.Join(wrong...)
	}
	c = c.completed()
	err := keepMissing(&c, missing, prefix)
	return c, err
}

// LoadWithoutKeys is Load for a command that works on the base alone: no key is asked for or made. Those that are set, or
// kept beside the SQLite base, are there: a base of an earlier release is not brought up to date without.
func LoadWithoutKeys(getenv func(string) string) (Config, error) {
	var c Config
	if wrong := readSettings(&c, getenv); len(wrong) > 0 {
		return Config{}, errors.Join(wrong...)
	}
	c = c.completed()
	return c, takeKept(&c, notSet(getenv))
}

// notSet are the sets of keys that the environment does not give.
func notSet(getenv func(string) string) []keySet {
	return slices.DeleteFunc(slices.Clone(keySets), func(k keySet) bool { return value(getenv, k.setting) != "" })
}

// LoadKept is Load for a command that reads what a server has written: the personal data keys are asked for, and beside an
// SQLite base read from their file, but never made.
func LoadKept(getenv func(string) string) (Config, error) {
	var c Config
	wrong := readSettings(&c, getenv)
	missing := slices.DeleteFunc(slices.Clone(keySets), func(k keySet) bool {
		return k.setting != personalDataKeys || value(getenv, k.setting) != ""
	})
	wrong = append(wrong, checkMissing(&c, missing)...)
	if len(wrong) > 0 {
		return Config{}, errors.Join(wrong...)
	}
	c = c.completed()
	err := readMissing(&c, missing)
	return c, err
}

// completed fills in the defaults that follow from other settings.
func (c Config) completed() Config {
	if c.PublicURL == "" {
		c.PublicURL = localURL(c.HTTPAddr)
	}
	if c.FilesDir == "" {
		c.FilesDir = seal.Secret(filepath.Join(c.dataDir(), "files"))
	}
	return c
}

func readSettings(c *Config, getenv func(string) string) (wrong []error) {
	for _, s := range settings {
		v := value(getenv, s.name)
		if v == "" {
			v = s.byDefault
		}
		if v == "" {
			continue
		}
		if err := s.set(c, v); err != nil {
			wrong = append(wrong, fmt.Errorf("%s: %w", s.name, err))
		}
	}
	return wrong
}

func value(getenv func(string) string, name string) string {
	return strings.TrimSpace(getenv(name))
}

// Usage lists every setting with its default and its meaning.
func Usage(w io.Writer) error {
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, s := range settings {
		meaning := s.meaning
		if s.byDefault != "" {
			meaning += " (default " + s.byDefault + ")"
		}
		fmt.Fprintf(table, "  %s\t%s\n", s.name, meaning) // an error stays and comes with Flush
	}
	return table.Flush()
}

// Logger writes to w what LOG_LEVEL and LOG_FORMAT ask for. A record made with a request's context carries the
// request's id.
func (c Config) Logger(w io.Writer) *slog.Logger {
	o := &slog.HandlerOptions{Level: c.LogLevel}
	if c.LogFormat == "json" {
		return slog.New(reqctx.LogHandler(slog.NewJSONHandler(w, o)))
	}
	return slog.New(reqctx.LogHandler(slog.NewTextHandler(w, o)))
}
