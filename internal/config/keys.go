package config

import (
	"bytes"
	"crypto/rand"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	"channelbook/internal/auth"
	"channelbook/internal/seal"
)

const sqliteScheme = "sqlite:"

// keySet is one set of keys: its setting, the file beside an SQLite base that keeps it where it is not set, and the
// key that such a file begins with.
type keySet struct {
	setting, file string
	generate      func() string
	set           func(c *Config, keys string) error
}

var keySets = []keySet{
	{"JWT_KEYS", "jwt.keys", newJWTKey, setJWTKeys},
	{personalDataKeys, "personal-data.keys", newPersonalDataKey, setPersonalDataKeys},
}

const personalDataKeys = "PERSONAL_DATA_KEYS"

// The key of a file of our own: 32 random bytes.
func newJWTKey() string          { return "local:" + base64.RawURLEncoding.EncodeToString(randomKey()) }
func newPersonalDataKey() string { return "local:" + hex.EncodeToString(randomKey()) }

func randomKey() []byte {
	secret := make([]byte, 32)
	_, _ = rand.Read(secret) // never fails: the program stops instead
	return secret
}

func setJWTKeys(c *Config, v string) (err error) {
	c.JWTKeys, err = auth.ParseKeys(v)
	return err
}

func setPersonalDataKeys(c *Config, v string) (err error) {
	c.PersonalDataKeys, err = seal.ParseKeys(v)
	return err
}

// checkMissing finds the sets that PostgreSQL needs: instances share one base, and their keys with it.
func checkMissing(c *Config, missing []keySet) (wrong []error) {
	if c.DatabaseURL == "" || c.onSQLite() {
		return nil
	}
	for _, k := range missing {
		wrong = append(wrong, fmt.Errorf("%s: it is not set, and on PostgreSQL the server needs it", k.setting))
	}
	return wrong
}

// keepMissing takes each missing set from its file beside the SQLite base, with a prefix to the file's name.
func keepMissing(c *Config, missing []keySet, prefix string) error {
	for _, k := range missing {
		path := filepath.Join(c.dataDir(), prefix+k.file)
		keys, made, err := keptOrGenerated(path, k.generate)
		if err == nil {
			err = k.set(c, keys)
		}
		if made && k.setting == personalDataKeys {
			c.MadePersonalDataKeys = path
		}
		if err != nil {
			return fmt.Errorf("%s, kept in %s: %w", k.setting, path, err)
		}
	}
	return nil
}

// readMissing takes each missing set from its file beside the SQLite base, which must be there.
func readMissing(c *Config, missing []keySet) error {
	for _, k := range missing {
		path := filepath.Join(c.dataDir(), k.file)
		kept, err := os.ReadFile(path)
		if err == nil {
			err = k.set(c, string(bytes.TrimSpace(kept)))
		}
		if err != nil {
			return fmt.Errorf("%s is not set, and is not kept in %s: %w", k.setting, path, err)
		}
	}
	return nil
}

// dataDir is the folder of what is kept beside an SQLite base; with PostgreSQL, of what is kept on this machine.
func (c *Config) dataDir() string {
	if !c.onSQLite() {
		return "data"
	}
	return filepath.Dir(strings.TrimPrefix(string(c.DatabaseURL), sqliteScheme))
}

func (c *Config) onSQLite() bool { return strings.HasPrefix(string(c.DatabaseURL), sqliteScheme) }

// takeKept takes each missing set from its file where there is one.
func takeKept(c *Config, missing []keySet) error {
	if !c.onSQLite() {
		return nil
	}
	for _, k := range missing {
		path := filepath.Join(c.dataDir(), k.file)
		kept, err := os.ReadFile(path)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err == nil {
			err = k.set(c, string(bytes.TrimSpace(kept)))
		}
		if err != nil {
			return fmt.Errorf("%s, kept in %s: %w", k.setting, path, err)
		}
	}
	return nil
}

// keptOrGenerated is what the file at path holds. Where there is none it is written first; of several starts at once
// one writes, and all read the same.
func keptOrGenerated(path string, generate func() string) (keys string, made bool, err error) {
	kept, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		made = true
		if err := create(path, generate()+"\n"); err != nil {
			return "", false, err
		}
		kept, err = os.ReadFile(path)
	}
	if err != nil {
		return "", false, err
	}
	return string(bytes.TrimSpace(kept)), made, nil
}

// create writes a new file that only its owner reads. It appears whole and on the disk, or not at all; one that is
// there already stays as it is.
func create(path, content string) error {
	dir := filepath.Dir(path)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	f, err := os.CreateTemp(dir, filepath.Base(path)+".new-*") // with mode 0600
	if err != nil {
		return err
	}
	defer os.Remove(f.Name())
	_, err = f.WriteString(content)
	if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	if err := os.Link(f.Name(), path); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	return syncDir(dir)
}

func syncDir(dir string) error {
	if runtime.GOOS == "windows" {
		return nil // a folder cannot be synced there
	}
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
