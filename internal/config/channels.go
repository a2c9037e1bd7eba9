package config

import (
	"errors"
	"fmt"
	"net/mail"
	"net/url"
	"strconv"
	"strings"
	"time"

	"channelbook/internal/seal"
)

// Email is how e-mail is sent: by Elastic Email or by SMTP, or not at all where neither is set.
type Email struct {
	ElasticKey   seal.Secret
	ElasticURL   string // without a slash at its end
	ElasticToken seal.Secret
	SMTPURL      seal.Secret // it holds a password
	From         string      // an address, with a name or without
	Connections  int
}

// Set tells whether e-mail is sent.
func (e Email) Set() bool { return e.ElasticKey != "" || e.SMTPURL != "" }

// WhatsApp is how messages go by WhatsApp.
type WhatsApp struct {
	Token         seal.Secret
	PhoneNumberID string
	URL           string // without a slash at its end
	AppSecret     seal.Secret
	VerifyToken   seal.Secret
}

// Set tells whether messages go by WhatsApp.
func (w WhatsApp) Set() bool { return w.Token != "" }

// checkChannels tells which settings do not go together.
func (c *Config) checkChannels() (wrong []error) {
	if c.Email.ElasticKey != "" && c.Email.SMTPURL != "" {
		wrong = append(wrong, errors.New("SMTP_URL: ELASTICEMAIL_API_KEY is set too, and e-mail goes by one of the two"))
	}
	if c.Email.Set() && c.Email.From == "" {
		wrong = append(wrong, errors.New("EMAIL_FROM: it is missing, and every e-mail has a sender"))
	}
	if c.WhatsApp.Set() != (c.WhatsApp.PhoneNumberID != "") {
		wrong = append(wrong, errors.New("WHATSAPP_PHONE_NUMBER_ID: it goes with WHATSAPP_TOKEN, and one of the two is missing"))
	}
	if (c.WhatsApp.AppSecret != "") != (c.WhatsApp.VerifyToken != "") {
		wrong = append(wrong, errors.New("WHATSAPP_VERIFY_TOKEN: it goes with WHATSAPP_APP_SECRET, and one of the two is missing"))
	}
	return wrong
}

func setElasticKey(c *Config, v string) error {
	c.Email.ElasticKey = seal.Secret(v)
	return nil
}

func setElasticURL(c *Config, v string) (err error) {
	c.Email.ElasticURL, err = base(v)
	return err
}

// minToken is how long the secret part of an address is at least, in bytes: nobody guesses it.
const minToken = 16

func setElasticToken(c *Config, v string) error {
	if len(v) < minToken || url.PathEscape(v) != v {
		return fmt.Errorf("it is not %d characters or more that an address can hold", minToken)
	}
	c.Email.ElasticToken = seal.Secret(v)
	return nil
}

func setSMTPURL(c *Config, v string) error {
	u, err := url.Parse(v)
	if err != nil || u.Scheme != "smtp" && u.Scheme != "smtps" || u.Hostname() == "" || strings.Trim(u.Path, "/") != "" { // the error would show the password
		return errors.New("it is not smtp://USER:PASSWORD@HOST:PORT or smtps://…")
	}
	c.Email.SMTPURL = seal.Secret(v)
	return nil
}

func setEmailFrom(c *Config, v string) error {
	if _, err := mail.ParseAddress(v); err != nil {
		return fmt.Errorf("%q is not an address such as Channelbook <leads@example.ru>", v)
	}
	c.Email.From = v
	return nil
}

// maxEmailConnections is what Elastic Email takes from an account: less than 20.
const maxEmailConnections = 19

func setEmailConnections(c *Config, v string) error {
	n, err := strconv.Atoi(v)
	if err != nil || n < 1 || n > maxEmailConnections {
		return fmt.Errorf("%q is not a number from 1 to %d", v, maxEmailConnections)
	}
	c.Email.Connections = n
	return nil
}

func setWhatsAppToken(c *Config, v string) error {
	c.WhatsApp.Token = seal.Secret(v)
	return nil
}

func setWhatsAppNumber(c *Config, v string) error {
	if strings.Trim(v, "0123456789") != "" {
		return fmt.Errorf("%q is not a number", v)
	}
	c.WhatsApp.PhoneNumberID = v
	return nil
}

func setWhatsAppURL(c *Config, v string) (err error) {
	c.WhatsApp.URL, err = base(v)
	return err
}

func setWhatsAppSecret(c *Config, v string) error {
	c.WhatsApp.AppSecret = seal.Secret(v)
	return nil
}

func setWhatsAppVerify(c *Config, v string) error {
	c.WhatsApp.VerifyToken = seal.Secret(v)
	return nil
}

func setWebhooksPrivate(c *Config, v string) (err error) {
	c.WebhooksAllowPrivate, err = onOrOff(v)
	return err
}

func setJobTimeout(c *Config, v string) error {
	d, err := time.ParseDuration(v)
	if err != nil || d < 3*time.Second || d > time.Hour {
		return fmt.Errorf("%q is not a time from 3s to 1h", v)
	}
	c.JobTimeout = d
	return nil
}

// base is the address of an API, without a slash at its end.
func base(v string) (string, error) {
	u, err := url.Parse(v)
	if err != nil || !isWeb(u) || u.RawQuery != "" || u.Fragment != "" || u.User != nil {
		return "", fmt.Errorf("%q is not a URL such as https://api.example.com/v4", v)
	}
	return strings.TrimRight(v, "/"), nil
}
