package db

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"
)

// ErrServed says that another process serves the SQLite base.
var ErrServed = errors.New("another process serves this base: stop it first, or use PostgreSQL, which any number can serve")

var errLocked = errors.New("locked by another process")

// LockServing makes this process the one that serves the SQLite base at path, until release is called or the
// process ends in any way. The error is an ErrServed where there is one already. Commands that only write, such as
// user create, take no part in it.
func LockServing(path string) (release func(), err error) {
	path, err = makeFile(path)
	if err != nil {
		return nil, err
	}
	file, err := tryLock(path + ".serving")
	if errors.Is(err, errLocked) {
		return nil, fmt.Errorf("%s: %w", path, ErrServed)
	}
	if err != nil {
		return nil, fmt.Errorf("lock the base: %w", err)
	}
	return func() { _ = file.Close() }, nil
}

// lockFile waits, for as long as ctx lasts, until this process has the lock file at path for itself.
func lockFile(ctx context.Context, path string) (unlock func() error, err error) {
	for {
		file, err := tryLock(path)
		if err == nil {
			return file.Close, nil
		}
		if !errors.Is(err, errLocked) {
			return nil, err
		}
		select {
		case <-ctx.Done():
			return nil, fmt.Errorf("%s: %w: %w", path, errLocked, ctx.Err())
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// tryLock opens and locks the file at path, or says errLocked. Closing the file unlocks it.
func tryLock(path string) (*os.File, error) {
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	if err := lockNow(file); err != nil {
		return nil, errors.Join(err, file.Close())
	}
	return file, nil
}
