//go:build unix

package cluster

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"syscall"
	"time"
)

// acquire takes the directory's lock and writes our process id into it.
//
// The server inherits the open lock file, so the lock is free only when the
// process that started it and every process of the server are gone. Whoever
// has it may therefore throw away a stale postmaster.pid.
func acquire(ctx context.Context, dir string) (*os.File, error) {
	lock, err := os.OpenFile(filepath.Join(dir, "lock"), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("cluster: opening the lock: %w", err)
	}
	if err := take(ctx, lock, dir); err != nil {
		_ = lock.Close()
		return nil, err
	}
	if err := lock.Truncate(0); err != nil {
		_ = lock.Close()
		return nil, fmt.Errorf("cluster: writing the lock: %w", err)
	}
	if _, err := lock.WriteAt([]byte(strconv.Itoa(os.Getpid())), 0); err != nil {
		_ = lock.Close()
		return nil, fmt.Errorf("cluster: writing the lock: %w", err)
	}
	return lock, nil
}

// release takes our number out first: processes of a server that was killed
// may hold the lock a moment longer, and the next start should wait for them.
func release(lock *os.File) {
	_ = lock.Truncate(0)
	_ = lock.Close()
}

// take waits a while when the lock's owner is dead: then a server without
// parent holds it and is about to end. It also waits when the owner took the
// lock just now and has not written its number yet.
func take(ctx context.Context, lock *os.File, dir string) error {
	ctx, cancel := context.WithTimeout(ctx, 15*time.Second)
	defer cancel()
	retry := time.NewTicker(50 * time.Millisecond)
	defer retry.Stop()
	for {
		err := syscall.Flock(int(lock.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
		if err == nil {
			return nil
		}
		if !errors.Is(err, syscall.EWOULDBLOCK) {
			return fmt.Errorf("cluster: locking %s: %w", dir, err)
		}
		if owner := firstNumber(lock.Name()); alive(owner) {
			return fmt.Errorf("%w: process %d has %s; stop it or use another directory", ErrInUse, owner, dir)
		}
		endOrphan(filepath.Join(dir, "data", "pgdata", "postmaster.pid"))
		select {
		case <-ctx.Done():
			return fmt.Errorf("%w: its parent is gone but it does not end; stop the postgres processes that use %s", ErrInUse, dir)
		case <-retry.C:
		}
	}
}

// alive reports whether there is such a process, be it ours or not.
func alive(pid int) bool {
	return pid > 0 && !errors.Is(syscall.Kill(pid, 0), syscall.ESRCH)
}

// firstNumber reads the process id on a file's first line; 0 when there is
// none.
func firstNumber(file string) int {
	content, err := os.ReadFile(file)
	if err != nil {
		return 0
	}
	line, _, _ := bytes.Cut(content, []byte("\n"))
	n, err := strconv.Atoi(string(bytes.TrimSpace(line)))
	if err != nil {
		return 0
	}
	return n
}
