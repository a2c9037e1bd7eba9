package config

import (
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"net/url"
	"os"
	"strconv"
	"strings"
	"time"
	_ "time/tzdata" // BUSINESS_TIMEZONE works on a machine without a time zone base

	"channelbook/internal/files"
	"channelbook/internal/seal"
)

// setting is one variable of the environment. set is called with what is set, or else with the default, and not at
// all where both are empty. Its error completes "NAME: …" and holds no secret.
type setting struct {
	name, byDefault, meaning string
	set                      func(c *Config, value string) error
}

// maxShutdownDelay is longer than any load balancer needs to see that an instance is going.
const maxShutdownDelay = 5 * time.Minute

var settings = []setting{
	{"HTTP_ADDR", "127.0.0.1:8080", "host:port to serve on", setHTTPAddr},
	{"HTTP_MAX_CONNS", "10000", "how many connections of clients are open at once; further ones wait", setHTTPMaxConns},
	{"METRICS_ADDR", "", "host:port to serve /metrics on, for Prometheus; off unless set", setMetricsAddr},
	{"PUBLIC_URL", "", "how the outside reaches this server, such as https://leads.example.ru (default http:// and HTTP_ADDR)", setPublicURL},
	{"DATABASE_URL", "sqlite:data/channelbook.db", "sqlite:PATH or postgres://…", setDatabaseURL},
	{"DATABASE_MAX_CONNS", "20", "how many connections to the base are open at once", setDatabaseMaxConns},
	{"JWT_KEYS", "", "kid:secret,kid:secret…, each secret at least 32 bytes; the first signs access tokens (default on SQLite: jwt.keys beside the base)", setJWTKeys},
	{"PERSONAL_DATA_KEYS", "", "kid:hex,kid:hex…, 32 bytes each in hex; the first seals and hashes contacts (default on SQLite: personal-data.keys beside the base)", setPersonalDataKeys},
	{"ADMIN_PASSWORD", "", "the password of the user admin, where the base is empty (default: generated and printed once)",
		setAdminPassword},
	{"BUSINESS_TIMEZONE", "Europe/Moscow", "the time zone whose days and months the business counts in", setBusinessTimezone},
	{"RAW_BODY_RETENTION", "72h", "how long the intake log keeps the bodies it was sent", setRawBodyRetention},
	{"CONTACT_MASKING", "until-taken", "until-taken: a distributor sees the phone and e-mail of a lead only once it works it; off: at once", setContactMasking},
	{"SECOND_FACTOR", "optional", "optional: who wants one sets it up; administrators: they sign in with one only", setSecondFactor},
	{"AUDIT_RETENTION", "8760h", "how long the audit keeps its records; at least 2160h, three months", setAuditRetention},
	{"NOTIFICATION_RETENTION", "4320h", "how long people's notifications are kept, half a year; at least 24h", setNotificationRetention},
	{"REPORT_RETENTION", "168h", "how long the files of reports are kept, a week; from 1h to 2160h", setReportRetention},
	{"ELASTICEMAIL_API_KEY", "", "the key of Elastic Email's API v4, by which e-mail is sent; e-mail is off unless this or SMTP_URL is set", setElasticKey},
	{"ELASTICEMAIL_URL", "https://api.elasticemail.com/v4", "where that API is", setElasticURL},
	{"ELASTICEMAIL_WEBHOOK_TOKEN", "", "the secret part of the address /hooks/elasticemail/TOKEN, at least 16 characters, at which Elastic Email tells what became of messages; no such address unless set", setElasticToken},
	{"SMTP_URL", "", "smtp://USER:PASSWORD@HOST:587 or smtps://…:465, by which e-mail is sent instead", setSMTPURL},
	{"EMAIL_FROM", "", "the sender of e-mail: leads@example.ru, or Channelbook <leads@example.ru>", setEmailFrom},
	{"EMAIL_CONNECTIONS", "8", "how many e-mails an instance sends at once; Elastic Email takes less than 20 from all instances together", setEmailConnections},
	{"WHATSAPP_TOKEN", "", "the token of the WhatsApp Business Cloud API; WhatsApp is off unless it is set", setWhatsAppToken},
	{"WHATSAPP_PHONE_NUMBER_ID", "", "the id of the number that it sends from", setWhatsAppNumber},
	{"WHATSAPP_URL", "https://graph.facebook.com/v23.0", "where that API is, with its version", setWhatsAppURL},
	{"WHATSAPP_APP_SECRET", "", "the secret of the app, by which what comes to /hooks/whatsapp is signed; nothing is taken there unless it is set", setWhatsAppSecret},
	{"WHATSAPP_VERIFY_TOKEN", "", "what the app shows when /hooks/whatsapp is entered into it", setWhatsAppVerify},
	{"WEBHOOKS_PRIVATE", "off", "on: webhooks may lead to addresses of private networks and of this machine; off: they are refused", setWebhooksPrivate},
	{"JOB_TIMEOUT", "45s", "how long a job beside the requests may take; what an instance left behind that is gone is begun again after a third longer", setJobTimeout},
	{"SHUTDOWN_DELAY", "0s", "how long requests are served on after a signal to stop, with 503 at /readyz, for a load balancer to notice; at most 5m", setShutdownDelay},
	{"FILES_DIR", "", "where pictures are kept: a folder, or s3://KEY:SECRET@HOST/BUCKET[/PREFIX][?region=…&tls=off] (default: files beside the SQLite base, data/files on PostgreSQL)", setFilesDir},
	{"TRUSTED_PROXIES", "", "networks and addresses, 10.0.0.0/8,::1, whose X-Forwarded-For and X-Request-Id are believed (default: none)", setTrustedProxies},
	{"CORS_ORIGINS", "", "origins, https://app.example.ru,…, whose pages may call the API (default: none)", setCORSOrigins},
	{"RATE_PER_USER", "100", "requests a second that one person, or one lead source over GraphQL, may send to an instance, thirty seconds' worth at once; off: any", setRatePerUser},
	{"RATE_PER_ADDRESS", "50", "requests a second without a sign-in or key that one address may send to an instance, twenty seconds' worth at once; off: any", setRatePerAddress},
	{"INTROSPECTION", "on", "on: clients may ask for the schema; off: neither by GraphQL nor at /schema.graphql", setIntrospection},
	{"GRAPHIQL", "on", "on: GraphiQL is served at /; off: nothing is", setGraphiQL},
	{"ALLOWED_OPERATIONS", "", "a file or folder of *.graphql documents, whose operations are the only ones that are executed (default: any are)", setAllowedOperations},
	{"LOG_LEVEL", "info", "debug, info, warn or error", setLogLevel},
	{"LOG_FORMAT", "text", "text or json", setLogFormat},
}

func setHTTPAddr(c *Config, v string) error {
	_, err := portOf(v)
	c.HTTPAddr = v
	return err
}

func setHTTPMaxConns(c *Config, v string) error {
	n, err := strconv.Atoi(v)
	if err != nil || n < 16 || n > 1_000_000 {
		return fmt.Errorf("%q is not a number from 16 to 1000000", v)
	}
	c.HTTPMaxConns = n
	return nil
}

// setMetricsAddr comes after HTTP_ADDR in the table. Where the system chooses the ports, one address serves both.
func setMetricsAddr(c *Config, v string) error {
	port, err := portOf(v)
	if err == nil && v == c.HTTPAddr && port != 0 {
		err = fmt.Errorf("%q is HTTP_ADDR too, and metrics want an address of their own", v)
	}
	c.MetricsAddr = v
	return err
}

func portOf(addr string) (uint64, error) {
	_, text, err := net.SplitHostPort(addr)
	if err != nil {
		return 0, fmt.Errorf("%q is not host:port", addr)
	}
	port, err := strconv.ParseUint(text, 10, 16)
	if err != nil {
		return 0, fmt.Errorf("%q is not a port", text)
	}
	return port, nil
}

func setPublicURL(c *Config, v string) error {
	u, err := url.Parse(v)
	if err != nil || !isWeb(u) || u.RawQuery != "" || u.Fragment != "" || u.User != nil {
		return fmt.Errorf("%q is not a URL such as https://leads.example.ru", v)
	}
	c.PublicURL = strings.TrimRight(v, "/")
	return nil
}

func setDatabaseURL(c *Config, v string) error {
	if path, ok := strings.CutPrefix(v, sqliteScheme); ok {
		if path == "" {
			return errors.New("after sqlite: the path of a file is missing")
		}
	} else if u, err := url.Parse(v); err != nil || u.Scheme != "postgres" && u.Scheme != "postgresql" {
		return errors.New("it is neither sqlite:PATH nor postgres://…")
	}
	c.DatabaseURL = seal.Secret(v)
	return nil
}

func setAdminPassword(c *Config, v string) error {
	c.AdminPassword = seal.Secret(v)
	return nil
}

func setDatabaseMaxConns(c *Config, v string) error {
	n, err := strconv.Atoi(v)
	if err != nil || n < 1 || n > 1000 {
		return fmt.Errorf("%q is not a number from 1 to 1000", v)
	}
	c.DatabaseMaxConns = n
	return nil
}

func setBusinessTimezone(c *Config, v string) error {
	zone, err := time.LoadLocation(v)
	if err != nil || zone == time.Local { // Local differs from machine to machine
		return fmt.Errorf("%q is not a time zone such as Europe/Moscow", v)
	}
	c.BusinessTimezone = zone
	return nil
}

func setRawBodyRetention(c *Config, v string) error {
	d, err := time.ParseDuration(v)
	if err != nil || d <= 0 {
		return fmt.Errorf("%q is not a time such as 72h", v)
	}
	c.RawBodyRetention = d
	return nil
}

// minAuditRetention is three months: less is not allowed by measure РСБ.1 of FSTEC's order 21.
const minAuditRetention = 90 * 24 * time.Hour

func setAuditRetention(c *Config, v string) error {
	d, err := time.ParseDuration(v)
	if err != nil || d < minAuditRetention {
		return fmt.Errorf("%q is not a time of at least 2160h, which is three months (FSTEC's order 21, РСБ.1)", v)
	}
	c.AuditRetention = d
	return nil
}

// minNotificationRetention is a day: whoever was away since yesterday finds what was missed.
const minNotificationRetention = 24 * time.Hour

func setNotificationRetention(c *Config, v string) error {
	d, err := time.ParseDuration(v)
	if err != nil || d < minNotificationRetention {
		return fmt.Errorf("%q is not a time of at least 24h", v)
	}
	c.NotificationRetention = d
	return nil
}

// maxReportRetention is three months: files of reports hold personal data, and are made anew at any time.
const maxReportRetention = 2160 * time.Hour

func setReportRetention(c *Config, v string) error {
	d, err := time.ParseDuration(v)
	if err != nil || d < time.Hour || d > maxReportRetention {
		return fmt.Errorf("%q is not a time from 1h to 2160h", v)
	}
	c.ReportRetention = d
	return nil
}

func setShutdownDelay(c *Config, v string) error {
	d, err := time.ParseDuration(v)
	if err != nil || d < 0 || d > maxShutdownDelay {
		return fmt.Errorf("%q is not a time from 0s to 5m", v)
	}
	c.ShutdownDelay = d
	return nil
}

func setFilesDir(c *Config, v string) error {
	c.FilesDir = seal.Secret(v)
	return files.Check(v)
}

func setTrustedProxies(c *Config, v string) error {
	var wrong []error
	for _, part := range list(v) {
		network, err := parseNetwork(part)
		if err != nil {
			wrong = append(wrong, fmt.Errorf("%q is not a network such as 10.0.0.0/8 or an address", part))
			continue
		}
		c.TrustedProxies = append(c.TrustedProxies, network)
	}
	return errors.Join(wrong...)
}

// parseNetwork takes an address for the network of that one address.
func parseNetwork(s string) (netip.Prefix, error) {
	if a, err := netip.ParseAddr(s); err == nil {
		a = a.Unmap().WithZone("")
		return netip.PrefixFrom(a, a.BitLen()), nil
	}
	p, err := netip.ParsePrefix(s)
	return p.Masked(), err
}

func setCORSOrigins(c *Config, v string) error {
	var wrong []error
	for _, part := range list(v) {
		u, err := url.Parse(part)
		if err != nil || !isWeb(u) || part != u.Scheme+"://"+u.Host {
			wrong = append(wrong, fmt.Errorf("%q is not an origin such as https://app.example.ru", part))
			continue
		}
		c.CORSOrigins = append(c.CORSOrigins, strings.ToLower(part))
	}
	return errors.Join(wrong...)
}

func setLogLevel(c *Config, v string) error {
	levels := map[string]slog.Level{"debug": slog.LevelDebug, "info": slog.LevelInfo, "warn": slog.LevelWarn, "error": slog.LevelError}
	level, ok := levels[strings.ToLower(v)]
	if !ok {
		return fmt.Errorf("%q is not debug, info, warn or error", v)
	}
	c.LogLevel = level
	return nil
}

func setLogFormat(c *Config, v string) error {
	if v != "text" && v != "json" {
		return fmt.Errorf("%q is neither text nor json", v)
	}
	c.LogFormat = v
	return nil
}

func setIntrospection(c *Config, v string) (err error) {
	c.Introspection, err = onOrOff(v)
	return err
}

func setGraphiQL(c *Config, v string) (err error) {
	c.GraphiQL, err = onOrOff(v)
	return err
}

func onOrOff(v string) (bool, error) {
	if v != "on" && v != "off" {
		return false, fmt.Errorf("%q is neither on nor off", v)
	}
	return v == "on", nil
}

// setAllowedOperations leaves it to the server to read the documents, which knows the schema.
func setAllowedOperations(c *Config, v string) error {
	if _, err := os.Stat(v); err != nil { // #nosec G703 -- the operator says where it is
		return fmt.Errorf("%q is no file or folder that can be read", v)
	}
	c.AllowedOperations = v
	return nil
}

// localURL is how this machine reaches a server on addr.
func localURL(addr string) string {
	host, port, err := net.SplitHostPort(addr)
	if err != nil {
		return ""
	}
	if a, err := netip.ParseAddr(host); host == "" || err == nil && a.IsUnspecified() {
		host = "localhost"
	}
	return "http://" + net.JoinHostPort(host, port)
}

func isWeb(u *url.URL) bool {
	return (u.Scheme == "http" || u.Scheme == "https") && u.Host != ""
}

// list takes a list with commas apart.
func list(s string) []string {
	var parts []string
	for part := range strings.SplitSeq(s, ",") {
		if part = strings.TrimSpace(part); part != "" {
			parts = append(parts, part)
		}
	}
	return parts
}

func setContactMasking(c *Config, v string) error {
	if v != "until-taken" && v != "off" {
		return fmt.Errorf("%q is neither until-taken nor off", v)
	}
	c.MaskContacts = v == "until-taken"
	return nil
}

func setRatePerUser(c *Config, v string) (err error) {
	c.RatePerUser, err = perSecond(v)
	return err
}

func setRatePerAddress(c *Config, v string) (err error) {
	c.RatePerAddress, err = perSecond(v)
	return err
}

// maxRate is more than an instance can answer.
const maxRate = 100_000

func perSecond(v string) (int, error) {
	if v == "off" {
		return 0, nil
	}
	n, err := strconv.Atoi(v)
	if err != nil || n < 1 || n > maxRate {
		return 0, fmt.Errorf("%q is neither a number from 1 to %d nor off", v, maxRate)
	}
	return n, nil
}

func setSecondFactor(c *Config, v string) error {
	if v != "optional" && v != "administrators" {
		return fmt.Errorf("%q is neither optional nor administrators", v)
	}
	c.AdminsNeedTwoFactors = v == "administrators"
	return nil
}
