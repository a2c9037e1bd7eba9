package config_test

import (
	"bytes"
	"fmt"
	"log/slog"
	"maps"
	"net/netip"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"channelbook/internal/config"
)

const (
	jwtKeys      = "2026a:0123456789abcdef0123456789abcdef"
	personalKeys = "2026a:00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"
)

// env is an environment on an SQLite base of the test's own, with more settings.
func env(t *testing.T, more map[string]string) func(string) string {
	t.Helper()
	vars := map[string]string{"DATABASE_URL": "sqlite:" + filepath.Join(t.TempDir(), "data", "base.db")}
	maps.Copy(vars, more)
	return func(name string) string { return vars[name] }
}

func load(t *testing.T, getenv func(string) string) config.Config {
	t.Helper()
	c, err := config.Load(getenv)
	if err != nil {
		t.Fatalf("Load: %v", err)
	}
	return c
}

func TestDefaults(t *testing.T) {
	c := load(t, env(t, nil))
	for what, pair := range map[string][2]any{
		"address":       {c.HTTPAddr, "127.0.0.1:8080"},
		"clients":       {c.HTTPMaxConns, 10000},
		"metrics":       {c.MetricsAddr, ""},
		"public URL":    {c.PublicURL, "http://127.0.0.1:8080"},
		"connections":   {c.DatabaseMaxConns, 20},
		"time zone":     {c.BusinessTimezone.String(), "Europe/Moscow"},
		"retention":     {c.RawBodyRetention, 72 * time.Hour},
		"audit":         {c.AuditRetention, 8760 * time.Hour},
		"notifications": {c.NotificationRetention, 4320 * time.Hour},
		"reports":       {c.ReportRetention, 168 * time.Hour},
		"second factor": {c.AdminsNeedTwoFactors, false},
		"delay":         {c.ShutdownDelay, time.Duration(0)},
		"proxies":       {len(c.TrustedProxies), 0},
		"origins":       {len(c.CORSOrigins), 0},
		"users' rate":   {c.RatePerUser, 100},
		"others' rate":  {c.RatePerAddress, 50},
		"level":         {c.LogLevel, slog.LevelInfo},
		"format":        {c.LogFormat, "text"},
		"administrator": {string(c.AdminPassword), ""},
		"introspection": {c.Introspection, true},
		"GraphiQL":      {c.GraphiQL, true},
		"operations":    {c.AllowedOperations, ""},
		"e-mail":        {c.Email.Set(), false},
		"Elastic Email": {c.Email.ElasticURL, "https://api.elasticemail.com/v4"},
		"at once":       {c.Email.Connections, 8},
		"WhatsApp":      {c.WhatsApp.Set(), false},
		"Meta":          {c.WhatsApp.URL, "https://graph.facebook.com/v23.0"},
		"webhooks":      {c.WebhooksAllowPrivate, false},
		"jobs":          {c.JobTimeout, 45 * time.Second},
	} {
		if pair[0] != pair[1] {
			t.Errorf("%s: got %v, want %v", what, pair[0], pair[1])
		}
	}
}

func TestWhatIsSetIsRead(t *testing.T) {
	c := load(t, env(t, map[string]string{
		"HTTP_ADDR": ":9000", "HTTP_MAX_CONNS": "100", "DATABASE_URL": "postgres://u:horse@db/x", "DATABASE_MAX_CONNS": "7", "JWT_KEYS": jwtKeys,
		"PERSONAL_DATA_KEYS": personalKeys, "BUSINESS_TIMEZONE": "Asia/Vladivostok", "ADMIN_PASSWORD": "battery staple",
		"RAW_BODY_RETENTION": "1h30m", "TRUSTED_PROXIES": "10.1.2.3/8, ::1,192.0.2.1", "LOG_LEVEL": "debug", "LOG_FORMAT": "json",
		"CORS_ORIGINS": "https://App.example.ru,http://localhost:3000", "METRICS_ADDR": "127.0.0.1:9001", "SHUTDOWN_DELAY": "5m",
		"RATE_PER_USER": "7", "RATE_PER_ADDRESS": "off",
		"INTROSPECTION": "off", "GRAPHIQL": "off", "ALLOWED_OPERATIONS": "settings.go",
		"SECOND_FACTOR": "administrators", "NOTIFICATION_RETENTION": "24h",
		"ELASTICEMAIL_API_KEY": "horse", "ELASTICEMAIL_URL": "http://localhost:9/v4/", "ELASTICEMAIL_WEBHOOK_TOKEN": "horse-horse-horse", "EMAIL_FROM": "Книга <leads@example.ru>", "EMAIL_CONNECTIONS": "19",
		"WHATSAPP_TOKEN": "mule", "WHATSAPP_PHONE_NUMBER_ID": "106540352242922", "WHATSAPP_URL": "http://localhost:9/v23.0", "WHATSAPP_APP_SECRET": "donkey", "WHATSAPP_VERIFY_TOKEN": "pony",
		"WEBHOOKS_PRIVATE": "on", "JOB_TIMEOUT": "3s",
	}))
	for what, pair := range map[string][2]any{
		"address":       {c.HTTPAddr, ":9000"},
		"clients":       {c.HTTPMaxConns, 100},
		"metrics":       {c.MetricsAddr, "127.0.0.1:9001"},
		"public URL":    {c.PublicURL, "http://localhost:9000"},
		"base":          {string(c.DatabaseURL), "postgres://u:horse@db/x"},
		"connections":   {c.DatabaseMaxConns, 7},
		"time zone":     {c.BusinessTimezone.String(), "Asia/Vladivostok"},
		"retention":     {c.RawBodyRetention, 90 * time.Minute},
		"delay":         {c.ShutdownDelay, 5 * time.Minute},
		"users' rate":   {c.RatePerUser, 7},
		"others' rate":  {c.RatePerAddress, 0},
		"second factor": {c.AdminsNeedTwoFactors, true},
		"notifications": {c.NotificationRetention, 24 * time.Hour},
		"level":         {c.LogLevel, slog.LevelDebug},
		"format":        {c.LogFormat, "json"},
		"administrator": {string(c.AdminPassword), "battery staple"},
		"introspection": {c.Introspection, false},
		"GraphiQL":      {c.GraphiQL, false},
		"operations":    {c.AllowedOperations, "settings.go"},
		"e-mail": {c.Email, config.Email{
			ElasticKey: "horse", ElasticURL: "http://localhost:9/v4", ElasticToken: "horse-horse-horse", From: "Книга <leads@example.ru>", Connections: 19,
		}},
		"WhatsApp": {c.WhatsApp, config.WhatsApp{Token: "mule", PhoneNumberID: "106540352242922", URL: "http://localhost:9/v23.0", AppSecret: "donkey", VerifyToken: "pony"}},
		"webhooks": {c.WebhooksAllowPrivate, true},
		"jobs":     {c.JobTimeout, 3 * time.Second},
	} {
		if pair[0] != pair[1] {
			t.Errorf("%s: got %v, want %v", what, pair[0], pair[1])
		}
	}
	proxies := []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("::1/128"), netip.MustParsePrefix("192.0.2.1/32")}
	if !reflect.DeepEqual(c.TrustedProxies, proxies) {
		t.Errorf("proxies: got %v, want %v", c.TrustedProxies, proxies)
	}
	if want := []string{"https://app.example.ru", "http://localhost:3000"}; !reflect.DeepEqual(c.CORSOrigins, want) {
		t.Errorf("origins: got %v, want %v", c.CORSOrigins, want)
	}
}

func TestEachWrongSettingIsNamed(t *testing.T) {
	for name, c := range map[string]struct{ value, want string }{
		"HTTP_ADDR":              {"localhost", `"localhost" is not host:port`},
		"HTTP_MAX_CONNS":         {"15", `"15" is not a number from 16 to 1000000`},
		"METRICS_ADDR":           {"127.0.0.1:http", `"http" is not a port`},
		"PUBLIC_URL":             {"leads.example.ru", "is not a URL"},
		"DATABASE_URL":           {"mysql://root:horse@db", "it is neither sqlite:PATH nor postgres://…"},
		"DATABASE_MAX_CONNS":     {"0", `"0" is not a number from 1 to 1000`},
		"JWT_KEYS":               {"a:horse", ""},
		"PERSONAL_DATA_KEYS":     {"a:horse", `"a" is not 32 bytes in hex`},
		"BUSINESS_TIMEZONE":      {"Local", "is not a time zone"},
		"RAW_BODY_RETENTION":     {"3 days", "is not a time such as 72h"},
		"AUDIT_RETENTION":        {"2159h", "at least 2160h, which is three months"},
		"NOTIFICATION_RETENTION": {"23h59m", `"23h59m" is not a time of at least 24h`},
		"SECOND_FACTOR":          {"required", `"required" is neither optional nor administrators`},
		"SHUTDOWN_DELAY":         {"5m1s", `"5m1s" is not a time from 0s to 5m`},
		"TRUSTED_PROXIES":        {"10.0.0.0/8,proxy", `"proxy" is not a network`},
		"FILES_DIR":              {"s3://key:horse@", ""},
		"CORS_ORIGINS":           {"*", `"*" is not an origin`},
		"RATE_PER_USER":          {"0", `"0" is neither a number from 1 to 100000 nor off`},
		"RATE_PER_ADDRESS":       {"fast", `"fast" is neither a number`},
		"INTROSPECTION":          {"yes", `"yes" is neither on nor off`},
		"GRAPHIQL":               {"1", `"1" is neither on nor off`},
		"ALLOWED_OPERATIONS":     {"nowhere/at/all", `"nowhere/at/all" is no file or folder`},
		"ELASTICEMAIL_URL":       {"api.elasticemail.com", "is not a URL"},
		"SMTP_URL":               {"http://leads:horse@mail.example.ru", "it is not smtp://USER:PASSWORD@HOST:PORT"},
		"EMAIL_FROM":             {"leads@example.ru\r\nBcc: all@example.ru", "is not an address"},
		"EMAIL_CONNECTIONS":      {"20", `"20" is not a number from 1 to 19`},
		"WHATSAPP_URL":           {"https://graph.facebook.com/v23.0?access_token=x", "is not a URL"},
		"WEBHOOKS_PRIVATE":       {"yes", `"yes" is neither on nor off`},
		"JOB_TIMEOUT":            {"2s", `"2s" is not a time from 3s to 1h`},
		"LOG_LEVEL":              {"loud", "is not debug, info, warn or error"},
		"LOG_FORMAT":             {"xml", "is neither text nor json"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := config.Load(env(t, map[string]string{name: c.value}))
			if err == nil || !strings.HasPrefix(err.Error(), name+": ") || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want %s: … %s", err, name, c.want)
			}
			if err != nil && strings.Contains(err.Error(), "horse") {
				t.Errorf("the error shows a secret: %v", err)
			}
		})
	}
}

func TestSettingsOfChannelsGoTogether(t *testing.T) {
	for name, c := range map[string]struct {
		set  map[string]string
		want string
	}{
		"two ways of e-mail":          {map[string]string{"ELASTICEMAIL_API_KEY": "horse", "SMTP_URL": "smtp://u:horse@mail.example.ru", "EMAIL_FROM": "a@example.ru"}, "SMTP_URL: ELASTICEMAIL_API_KEY is set too"},
		"e-mail without a sender":     {map[string]string{"SMTP_URL": "smtp://u:horse@mail.example.ru"}, "EMAIL_FROM: it is missing"},
		"a token that is too short":   {map[string]string{"ELASTICEMAIL_WEBHOOK_TOKEN": "horse"}, "ELASTICEMAIL_WEBHOOK_TOKEN: it is not 16 characters or more"},
		"a token that is a path":      {map[string]string{"ELASTICEMAIL_WEBHOOK_TOKEN": "horse/horse/horse"}, "ELASTICEMAIL_WEBHOOK_TOKEN: it is not 16 characters or more"},
		"WhatsApp without a number":   {map[string]string{"WHATSAPP_TOKEN": "horse"}, "WHATSAPP_PHONE_NUMBER_ID: it goes with WHATSAPP_TOKEN"},
		"a number without WhatsApp":   {map[string]string{"WHATSAPP_PHONE_NUMBER_ID": "1"}, "WHATSAPP_PHONE_NUMBER_ID: it goes with WHATSAPP_TOKEN"},
		"what is no number":           {map[string]string{"WHATSAPP_TOKEN": "horse", "WHATSAPP_PHONE_NUMBER_ID": "+7 999"}, "WHATSAPP_PHONE_NUMBER_ID: \"+7 999\" is not a number"},
		"a secret of an app alone":    {map[string]string{"WHATSAPP_APP_SECRET": "horse"}, "WHATSAPP_VERIFY_TOKEN: it goes with WHATSAPP_APP_SECRET"},
		"a mail server with a folder": {map[string]string{"SMTP_URL": "smtp://u:horse@mail.example.ru/inbox", "EMAIL_FROM": "a@example.ru"}, "SMTP_URL: it is not smtp://"},
	} {
		_, err := config.Load(env(t, c.set))
		if err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "horse") {
			t.Errorf("%s: got %v, want %s", name, err, c.want)
		}
	}
}

func TestMetricsHaveAnAddressOfTheirOwn(t *testing.T) {
	_, err := config.Load(env(t, map[string]string{"METRICS_ADDR": "127.0.0.1:8080"})) // HTTP_ADDR unless set
	if err == nil || !strings.HasPrefix(err.Error(), `METRICS_ADDR: "127.0.0.1:8080" is HTTP_ADDR too`) {
		t.Errorf("got %v, want METRICS_ADDR refused", err)
	}
	if c := load(t, env(t, map[string]string{"HTTP_ADDR": "localhost:0", "METRICS_ADDR": "localhost:0"})); c.MetricsAddr != "localhost:0" {
		t.Errorf("got %q, want localhost:0, which is another port each time", c.MetricsAddr)
	}
}

func TestAllWrongSettingsAreNamedAtOnceAndNothingIsLeftBehind(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "data")
	_, err := config.Load(env(t, map[string]string{
		"DATABASE_URL": "sqlite:" + filepath.Join(dir, "base.db"), "HTTP_ADDR": "x", "LOG_LEVEL": "x", "CORS_ORIGINS": "x,y",
	}))
	if err == nil || strings.Count(err.Error(), "\n") != 3 {
		t.Errorf("got %v, want four sentences", err)
	}
	if _, err := os.Stat(dir); err == nil {
		t.Errorf("%s was made by a start that failed", dir)
	}
}

func TestPostgreSQLNeedsItsKeys(t *testing.T) {
	_, err := config.Load(env(t, map[string]string{"DATABASE_URL": "postgres://db/x"}))
	for _, name := range []string{"JWT_KEYS", "PERSONAL_DATA_KEYS"} {
		if err == nil || !strings.Contains(err.Error(), name+": it is not set") {
			t.Errorf("got %v, want it to name %s", err, name)
		}
	}
}

func TestKeysAreKeptBesideTheSQLiteBase(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "data")
	getenv := env(t, map[string]string{"DATABASE_URL": "sqlite:" + filepath.Join(dir, "base.db")})

	var wait sync.WaitGroup
	starts := make([]config.Config, 8)
	for i := range starts {
		wait.Go(func() { starts[i], _ = config.Load(getenv) })
	}
	wait.Wait()

	t.Run("all starts have the same keys", func(t *testing.T) {
		want := load(t, getenv)
		for i, got := range starts {
			if got.MadePersonalDataKeys = ""; !reflect.DeepEqual(got, want) {
				t.Errorf("start %d has other keys", i)
			}
		}
	})
	t.Run("the files are for their owner alone", func(t *testing.T) {
		entries, err := os.ReadDir(dir)
		if err != nil || len(entries) != 2 {
			t.Fatalf("got %v, %v, want two files of keys", entries, err)
		}
		for _, e := range entries {
			if info, err := e.Info(); err != nil || info.Mode() != 0o600 {
				t.Errorf("%s: got the mode %v, %v, want 0600", e.Name(), info.Mode(), err)
			}
		}
	})
	t.Run("a file that was damaged is named", func(t *testing.T) {
		path := filepath.Join(dir, "personal-data.keys")
		if err := os.WriteFile(path, []byte("horse"), 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := config.Load(getenv)
		if err == nil || !strings.Contains(err.Error(), path) || strings.Contains(err.Error(), "horse") {
			t.Errorf("got %v, want the file named and not shown", err)
		}
	})
}

// TestKeptKeysAreReadAndNeverMade: what was written under keys is not read under others that have just been made.
func TestKeptKeysAreReadAndNeverMade(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "data")
	getenv := env(t, map[string]string{"DATABASE_URL": "sqlite:" + filepath.Join(dir, "base.db")})
	if _, err := config.LoadKept(getenv); err == nil || !strings.Contains(err.Error(), "PERSONAL_DATA_KEYS") {
		t.Errorf("without keys: got %v, want an error that names them", err)
	}
	if entries, err := os.ReadDir(dir); len(entries) > 0 {
		t.Errorf("got %v, %v, want no files", entries, err)
	}
	want := load(t, getenv)
	got, err := config.LoadKept(getenv)
	if err != nil || !reflect.DeepEqual(got.PersonalDataKeys, want.PersonalDataKeys) {
		t.Errorf("got %v, %v, want the server's keys", got.PersonalDataKeys, err)
	}
	if _, err := config.LoadKept(env(t, map[string]string{"DATABASE_URL": "postgres://db/x"})); err == nil || strings.Contains(err.Error(), "JWT_KEYS") {
		t.Errorf("on PostgreSQL: got %v, want one that asks for the personal data keys alone", err)
	}
}

func TestSecretsAreNotPrinted(t *testing.T) {
	c := load(t, env(t, map[string]string{
		"DATABASE_URL": "postgres://u:horse@db/x", "ADMIN_PASSWORD": "horse battery", "JWT_KEYS": jwtKeys, "PERSONAL_DATA_KEYS": personalKeys,
		"ELASTICEMAIL_API_KEY": "horse", "ELASTICEMAIL_WEBHOOK_TOKEN": "horse-horse-horse", "EMAIL_FROM": "a@example.ru",
		"WHATSAPP_TOKEN": "horse", "WHATSAPP_PHONE_NUMBER_ID": "1", "WHATSAPP_APP_SECRET": "horse", "WHATSAPP_VERIFY_TOKEN": "horse",
	}))
	var out bytes.Buffer
	for _, verb := range []string{"%v", "%+v", "%#v"} {
		fmt.Fprintf(&out, verb, c)
	}
	c.LogFormat = "json"
	c.Logger(&out).Info("settings", "config", c)
	c.LogFormat = "text"
	c.Logger(&out).Info("settings", "config", c)
	for _, secret := range []string{"horse", "0123456789abcdef", "0x30, 0x31", "[48 49", "00112233", "0x11, 0x22"} {
		if strings.Contains(out.String(), secret) {
			t.Errorf("%q is shown in %s", secret, out.String())
		}
	}
}

func TestUsageNamesEverySetting(t *testing.T) {
	var out bytes.Buffer
	if err := config.Usage(&out); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{
		"HTTP_ADDR", "HTTP_MAX_CONNS", "DATABASE_URL", "DATABASE_MAX_CONNS", "PUBLIC_URL", "JWT_KEYS", "PERSONAL_DATA_KEYS", "BUSINESS_TIMEZONE",
		"ADMIN_PASSWORD", "TRUSTED_PROXIES", "CORS_ORIGINS", "FILES_DIR", "RAW_BODY_RETENTION", "LOG_LEVEL", "LOG_FORMAT", "METRICS_ADDR", "RATE_PER_USER", "RATE_PER_ADDRESS",
		"SHUTDOWN_DELAY", "AUDIT_RETENTION", "SECOND_FACTOR", "INTROSPECTION", "GRAPHIQL", "ALLOWED_OPERATIONS",
		"ELASTICEMAIL_API_KEY", "ELASTICEMAIL_URL", "ELASTICEMAIL_WEBHOOK_TOKEN", "SMTP_URL", "EMAIL_FROM", "EMAIL_CONNECTIONS",
		"WHATSAPP_TOKEN", "WHATSAPP_PHONE_NUMBER_ID", "WHATSAPP_URL", "WHATSAPP_APP_SECRET", "WHATSAPP_VERIFY_TOKEN", "WEBHOOKS_PRIVATE", "JOB_TIMEOUT",
	} {
		if !strings.Contains(out.String(), name+" ") {
			t.Errorf("%s is not in:\n%s", name, out.String())
		}
	}
}
