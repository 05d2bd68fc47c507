//go:build unix

package cluster

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"syscall"
	"time"
)

// initialise makes the data directory's content when there is none. initdb
// writes into a folder beside it that is renamed when all is done, so that an
// interrupted one is not taken for a cluster.
func initialise(ctx context.Context, programs programs, data string, creds credentials, account *account, o Options) error {
	if _, err := os.Stat(filepath.Join(data, "pgdata", "PG_VERSION")); err == nil {
		return nil
	}
	o.Log.InfoContext(ctx, "making a private PostgreSQL cluster, once", "dir", data)
	fresh := filepath.Join(data, "new")
	if err := os.RemoveAll(fresh); err != nil {
		return fmt.Errorf("cluster: removing an unfinished cluster: %w", err)
	}
	password := filepath.Join(data, "password")
	defer func() { _ = os.Remove(password) }()
	if err := os.WriteFile(password, []byte(creds.Admin), 0o600); err != nil {
		return fmt.Errorf("cluster: handing over the password: %w", err)
	}
	if account != nil {
		if err := os.Chown(password, int(account.uid), int(account.gid)); err != nil {
			return fmt.Errorf("cluster: handing over the password: %w", err)
		}
	}
	var output bytes.Buffer
	args := []string{"--pgdata=" + fresh, "--username=" + adminName,
		"--auth=scram-sha-256", "--pwfile=" + password, "--encoding=UTF8", "--no-locale"}
	if o.Relaxed {
		args = append(args, "--no-sync")
	}
	cmd := exec.CommandContext(ctx, programs.initdb, args...)
	cmd.Dir = data
	cmd.Env = serverEnv()
	cmd.Stdout, cmd.Stderr = &output, &output
	cmd.SysProcAttr = processAttributes(account)
	// The parent-death signal follows the thread that starts the child.
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("cluster: initdb failed: %w: %s", err, lastLine(output.Bytes()))
	}
	if err := os.Rename(fresh, filepath.Join(data, "pgdata")); err != nil {
		return fmt.Errorf("cluster: finishing the new cluster: %w", err)
	}
	return nil
}

// A server is the running postgres process; done is closed when it has ended.
type server struct {
	process *os.Process
	done    chan struct{}
}

// launch starts postgres. It gets the lock's file as its third descriptor and
// keeps it as long as one of its processes lives.
func launch(postgres, data string, port int, logFile string, lock *os.File, account *account, relaxed bool) (*server, error) {
	messages, err := os.OpenFile(logFile, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return nil, fmt.Errorf("cluster: opening the server's log: %w", err)
	}
	defer func() { _ = messages.Close() }()
	pgdata := filepath.Join(data, "pgdata")
	// We have the lock, so this is a leftover. Another process may have its
	// number by now, and the server would refuse to start.
	_ = os.Remove(filepath.Join(pgdata, "postmaster.pid"))

	cmd := exec.Command(postgres, arguments(pgdata, port, relaxed)...)
	cmd.Dir = data
	cmd.Env = serverEnv()
	cmd.Stdout, cmd.Stderr = messages, messages
	cmd.ExtraFiles = []*os.File{lock}
	cmd.SysProcAttr = processAttributes(account)

	s := &server{done: make(chan struct{})}
	started := make(chan error)
	go func() {
		// The parent-death signal follows the thread that starts the child, so
		// this one must live as long as the server does.
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		if err := cmd.Start(); err != nil {
			started <- err
			return
		}
		s.process = cmd.Process
		started <- nil
		_ = cmd.Wait() // how it ended is in its log
		close(s.done)
	}()
	if err := <-started; err != nil {
		return nil, fmt.Errorf("cluster: starting the server: %w", err)
	}
	return s, nil
}

// arguments set what the house wants of a private server. No statement and no
// row may get into its log, for they can hold guest data.
func arguments(pgdata string, port int, relaxed bool) []string {
	args := []string{"-D", pgdata, "-p", strconv.Itoa(port),
		"-c", "listen_addresses=127.0.0.1",
		"-c", "unix_socket_directories=",
		"-c", "max_connections=200",
		"-c", "log_min_error_statement=panic",
		"-c", "log_error_verbosity=terse",
		"-c", "timezone=UTC", "-c", "log_timezone=UTC",
	}
	if relaxed {
		args = append(args, "-c", "fsync=off", "-c", "full_page_writes=off",
			"-c", "shared_buffers=32MB", "-c", "max_wal_size=256MB")
	}
	return args
}

// stop asks for a fast shutdown, then for an immediate one, then takes it.
func (s *server) stop() {
	for _, sig := range []syscall.Signal{syscall.SIGINT, syscall.SIGQUIT, syscall.SIGKILL} {
		_ = s.process.Signal(sig)
		select {
		case <-s.done:
			return
		case <-time.After(10 * time.Second):
		}
	}
}

// serverEnv keeps settings of the user's shell, such as PGDATA or LC_ALL, away
// from the server.
func serverEnv() []string {
	return []string{"PATH=" + os.Getenv("PATH"), "LC_ALL=C", "TZ=UTC"}
}

func lastLine(output []byte) string {
	lines := bytes.Split(bytes.TrimSpace(output), []byte("\n"))
	return string(lines[len(lines)-1])
}
