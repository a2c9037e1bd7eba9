package files_test

import (
	"strings"
	"testing"

	"channelbook/internal/files"
)

func TestLocationsOfTheRightForm(t *testing.T) {
	for _, location := range []string{
		"data/files", "/srv/files", ".", `C:\files`, "../@files", "s3", "s3files",
		"s3://KEY:SECRET@s3.example.ru/bucket", "s3://KEY:SECRET@10.0.0.5:9000/bucket/", "s3://KEY:SECRET@localhost:9000/my.bucket-1/files/2026?tls=off",
		"s3://KEY:SECRET@[::1]:9000/bucket?region=ru-1", "s3://KEY:a%2Fb%40c%25@s3.example.ru/bucket?tls=off&region=eu-west-1", "s3://KEY:a+b=@s3.example.ru/bucket",
	} {
		if err := files.Check(location); err != nil {
			t.Errorf("%s: got %v, want none", location, err)
		}
	}
}

func TestALocationOfAWrongFormIsSaidWithoutIt(t *testing.T) {
	const (
		neither = "it is neither a folder nor s3://KEY:SECRET@HOST/BUCKET"
		form    = "it is not s3://KEY:SECRET@HOST/BUCKET"
		key     = "before the host KEY:SECRET@ is missing"
		host    = "after @ the host of the service is missing"
		bucket  = "after the host the name of a bucket is missing"
		prefix  = "after the bucket only a prefix"
		options = "after ? only region=… and tls=off have a place"
	)
	for location, want := range map[string]string{
		"":                                                       neither,
		"a\x00b":                                                 neither,
		"https://AKIA:hush@host/bucket":                          neither,
		"S3://AKIA:hush@host/bucket":                             neither,
		"s3:/AKIA:hush@host/bucket":                              neither,
		"s3:AKIA:hush@host/bucket":                               neither,
		"s3://":                                                  key,
		"s3://host/bucket":                                       key,
		"s3://AKIA@host/bucket":                                  key,
		"s3://AKIA:@host/bucket":                                 key,
		"s3://:hush@host/bucket":                                 key,
		"s3://AKIA:12/hush@host/bucket":                          key,
		"s3://AKIA:12?hush@host/bucket":                          key,
		"s3://AKIA:hu/sh@host/bucket":                            form,
		"s3://AKIA:hush%zz@host/bucket":                          form,
		"s3://AKIA:hush#@host/bucket":                            form,
		"s3://AKIA:hush@host/bucket#x":                           form,
		"s3://AKIA:hush@ho st/bucket":                            form,
		"s3://AKIA:hush@host:x/bucket":                           form,
		"s3://AKIA:hush@/bucket":                                 host,
		"s3://AKIA:hush@host:/bucket":                            host,
		"s3://AKIA:hush@:9000/bucket":                            host,
		"s3://AKIA:hush@host:99999/bucket":                       host,
		"s3://AKIA:hush@-host-/bucket":                           host,
		"s3://AKIA:hush@host":                                    bucket,
		"s3://AKIA:hush@host/":                                   bucket,
		"s3://AKIA:hush@host/Bucket":                             bucket,
		"s3://AKIA:hush@host/ab":                                 bucket,
		"s3://AKIA:hush@host/bu_cket":                            bucket,
		"s3://AKIA:hush@host/10.0.0.1":                           bucket,
		"s3://AKIA:hush@host/..":                                 bucket,
		"s3://AKIA:hush@host/bucket/../x":                        prefix,
		"s3://AKIA:hush@host/bucket//x":                          prefix,
		"s3://AKIA:hush@host/bucket/Files":                       prefix,
		"s3://AKIA:hush@host/bucket/" + strings.Repeat("a", 300): prefix,
		"s3://AKIA:hush@host/bucket?tls=on":                      options,
		"s3://AKIA:hush@host/bucket?tls=off&tls=off":             options,
		"s3://AKIA:hush@host/bucket?region=":                     options,
		"s3://AKIA:hush@host/bucket?region=a&region=b":           options,
		"s3://AKIA:hush@host/bucket?region=../x":                 options,
		"s3://AKIA:hush@host/bucket?acl=public":                  options,
		"s3://AKIA:hush@host/bucket?a;b":                         options,
		"s3://AKIA:x@host/bucket?hush@host/bucket":               options,
	} {
		err := files.Check(location)
		if err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%.60q: got %v, want %s…", location, err, want)
			continue
		}
		for _, hidden := range []string{"AKIA", "hush", "host/b"} {
			if strings.Contains(err.Error(), hidden) {
				t.Errorf("%.60q: got %v, want none of it", location, err)
			}
		}
		if _, opened := files.Open(t.Context(), location); opened == nil || opened.Error() != err.Error() {
			t.Errorf("open %.60q: got %v, want %v", location, opened, err)
		}
	}
}
