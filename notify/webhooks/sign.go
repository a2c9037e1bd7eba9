package webhooks

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"channelbook/ent"
	"channelbook/ent/sealed"
)

// A secret as Standard Webhooks has it: whsec_ and 32 random bytes in base64.
const (
	secretPrefix = "whsec_"
	secretBytes  = 32
)

// overlap is how long the former secret signs beside its successor, so that a receiver can take its time.
const overlap = 24 * time.Hour

func newSecret() string {
	var random [secretBytes]byte
	rand.Read(random[:]) // never fails
	return secretPrefix + base64.StdEncoding.EncodeToString(random[:])
}

// Sign is a signature of Standard Webhooks: v1 and the HMAC-SHA256 of id, Unix seconds and body, with dots between them.
func Sign(secret, id string, at time.Time, body string) (string, error) {
	key, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(secret, secretPrefix))
	if err != nil {
		return "", fmt.Errorf("read a webhook's secret: %w", err)
	}
	mac := hmac.New(sha256.New, key)
	fmt.Fprintf(mac, "%s.%d.%s", id, at.Unix(), body)
	return "v1," + base64.StdEncoding.EncodeToString(mac.Sum(nil)), nil
}

// secrets are what a webhook's events are signed with at a moment, the newest first.
func (s *Service) secrets(h *ent.Webhook, at time.Time) ([]string, error) {
	secret, err := sealed.WebhookSecret.Open(s.Keys, h.ID, h.SecretSealed)
	if err != nil {
		return nil, fmt.Errorf("open a webhook's secret: %w", err)
	}
	if h.FormerUntil == nil || !at.Before(*h.FormerUntil) {
		return []string{secret}, nil
	}
	former, err := sealed.WebhookFormerSecret.Open(s.Keys, h.ID, h.FormerSecretSealed)
	if err != nil {
		return nil, fmt.Errorf("open a webhook's former secret: %w", err)
	}
	return []string{secret, former}, nil
}

// Header is a header of a request.
type Header struct{ Name, Value string }

const userAgent = "Channelbook-Webhooks/1"

// headers are those of the request that brings a body, under an id, at a moment.
func (s *Service) headers(h *ent.Webhook, id string, at time.Time, body string) ([]Header, error) {
	secrets, err := s.secrets(h, at)
	if err != nil {
		return nil, err
	}
	signatures := make([]string, len(secrets))
	for i, secret := range secrets {
		if signatures[i], err = Sign(secret, id, at, body); err != nil {
			return nil, err
		}
	}
	return []Header{
		{"Content-Type", "application/json"},
		{"User-Agent", userAgent},
		{"webhook-id", id},
		{"webhook-timestamp", strconv.FormatInt(at.Unix(), 10)},
		{"webhook-signature", strings.Join(signatures, " ")},
	}, nil
}

func set(to http.Header, headers []Header) {
	for _, h := range headers {
		to.Set(h.Name, h.Value)
	}
}
