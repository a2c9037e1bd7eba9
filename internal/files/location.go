package files

import (
	"cmp"
	"errors"
	"net"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"
	"github.com/minio/minio-go/v7/pkg/s3utils"
)

const bucketScheme = "s3://"

const (
	// attempts is how often a request is sent that the service could not answer.
	attempts = 3
	// defaultRegion is the one that services without regions expect.
	defaultRegion = "us-east-1"
	// connectWithin bounds the steps up to a connection, answerWithin those from a whole request to the answer's
	// beginning.
	connectWithin, answerWithin = 5 * time.Second, 20 * time.Second
)

var validRegion = regexp.MustCompile(`^[a-z0-9-]{1,64}$`)

// parseBucket is the bucket that a location names, before any contact with it. The errors quote nothing: where a secret
// is not percent-encoded, any part of the location may be one of it.
func parseBucket(location string) (*bucket, error) {
	u, err := url.Parse(location)
	if err != nil || u.Fragment != "" {
		return nil, errors.New("it is not s3://KEY:SECRET@HOST/BUCKET; signs such as / and % in KEY and SECRET are written %2F and %25")
	}
	secret, _ := u.User.Password()
	if u.User.Username() == "" || secret == "" {
		return nil, errors.New("before the host KEY:SECRET@ is missing; signs such as / and % in them are written %2F and %25")
	}
	name, prefix, _ := strings.Cut(strings.Trim(u.Path, "/"), "/")
	if s3utils.CheckValidBucketNameStrict(name) != nil {
		return nil, errors.New("after the host the name of a bucket is missing, 3 to 63 of a-z, 0-9, . and -")
	}
	if prefix != "" && checkName(prefix) != nil {
		return nil, errors.New("after the bucket only a prefix such as files/2026, in small letters, has a place")
	}
	region, secure, err := parseOptions(u.RawQuery)
	if err != nil {
		return nil, err
	}
	client, err := minio.New(u.Host, &minio.Options{
		Creds:      credentials.NewStaticV4(u.User.Username(), secret, ""),
		Secure:     secure,
		Region:     cmp.Or(region, s3utils.GetRegionFromURL(url.URL{Host: u.Host}), defaultRegion),
		Transport:  newTransport(),
		MaxRetries: attempts,
	})
	if err != nil || !isHostPort(u) {
		return nil, errors.New("after @ the host of the service is missing, such as s3.example.ru or 10.0.0.5:9000")
	}
	return &bucket{client: client, host: u.Host, name: name, prefix: prefix}, nil
}

// parseOptions reads region=… and tls=off.
func parseOptions(query string) (region string, secure bool, err error) {
	wrong := errors.New("after ? only region=… and tls=off have a place, each once")
	options, err := url.ParseQuery(query)
	if err != nil {
		return "", false, wrong
	}
	secure = true
	for name, values := range options {
		value := strings.Join(values, " ") // of two it makes none that is right
		switch {
		case name == "region" && validRegion.MatchString(value):
			region = value
		case name == "tls" && value == "off":
			secure = false
		default:
			return "", false, wrong
		}
	}
	return region, secure, nil
}

func isHostPort(u *url.URL) bool {
	if strings.HasSuffix(u.Host, ":") {
		return false
	}
	_, err := strconv.ParseUint(cmp.Or(u.Port(), "443"), 10, 16)
	return err == nil
}

// newTransport is that of the standard library with bounds on each step, and with contents as they are.
func newTransport() *http.Transport {
	return &http.Transport{
		Proxy:                 http.ProxyFromEnvironment,
		DialContext:           (&net.Dialer{Timeout: connectWithin}).DialContext,
		TLSHandshakeTimeout:   connectWithin,
		ResponseHeaderTimeout: answerWithin,
		IdleConnTimeout:       time.Minute,
		MaxIdleConnsPerHost:   16,
		DisableCompression:    true,
	}
}
