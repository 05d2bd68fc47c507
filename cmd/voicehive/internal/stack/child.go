package stack

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"sync"
	"syscall"
	"time"
)

// stopPatience is how long a child may take to end by itself.
const stopPatience = 10 * time.Second

// A Child is a process of the stack. It tells by one line of JSON on its
// standard output that it is ready, and logs to a file.
type Child struct {
	Name string
	// Ready is the line it printed.
	Ready json.RawMessage
	cmd   *exec.Cmd
	log   *os.File
	done  chan struct{}
	once  sync.Once
}

// command says how to start a child.
type command struct {
	name    string
	program string
	args    []string
	env     []string
}

// start starts a child and waits until it is ready. A child that ends before
// is an error that quotes the end of its log.
func start(ctx context.Context, logs string, c command) (*Child, error) {
	path := filepath.Join(logs, c.name+".log")
	log, err := os.OpenFile(path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, fmt.Errorf("stack: open the log of %s: %w", c.name, err)
	}
	cmd := exec.Command(c.program, c.args...)
	cmd.Env = slices.Concat(os.Environ(), c.env)
	cmd.Stderr = log
	// Its own group: Ctrl-C reaches the parent alone, which ends them in order.
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, errors.Join(fmt.Errorf("stack: start %s: %w", c.name, err), log.Close())
	}
	if err := cmd.Start(); err != nil {
		return nil, errors.Join(fmt.Errorf("stack: start %s: %w", c.name, err), log.Close())
	}
	child := &Child{Name: c.name, cmd: cmd, log: log, done: make(chan struct{})}
	ready := make(chan json.RawMessage, 1)
	go child.follow(out, ready)
	select {
	case child.Ready = <-ready:
		return child, nil
	case <-child.done:
		return nil, fmt.Errorf("stack: %s ended before it was ready; the end of %s:\n%s", c.name, path, tail(path))
	case <-ctx.Done():
		child.Kill()
		return nil, fmt.Errorf("stack: %s was not ready in time; see %s: %w", c.name, path, ctx.Err())
	}
}

// follow reads the child's output to its end: first the ready line, then what
// nobody needs.
func (c *Child) follow(out io.Reader, ready chan<- json.RawMessage) {
	lines := bufio.NewScanner(out)
	told := false
	for lines.Scan() {
		if !told && json.Valid(lines.Bytes()) {
			ready <- slices.Clone(lines.Bytes())
			told = true
			continue
		}
		fmt.Fprintln(c.log, lines.Text())
	}
	_, _ = io.Copy(c.log, out)
	_ = c.cmd.Wait()
	_ = c.log.Close()
	close(c.done)
}

// Done is closed when the process has ended.
func (c *Child) Done() <-chan struct{} { return c.done }

// PID is the process's id.
func (c *Child) PID() int { return c.cmd.Process.Pid }

// Kill ends the process at once, with SIGKILL, and waits for its end.
func (c *Child) Kill() {
	_ = c.cmd.Process.Kill()
	<-c.done
}

// Stop asks the process to end, and kills it when it does not.
func (c *Child) Stop() {
	c.once.Do(func() { _ = c.cmd.Process.Signal(syscall.SIGTERM) })
	select {
	case <-c.done:
	case <-time.After(stopPatience):
		c.Kill()
	}
}

// tail returns the last lines of a log.
func tail(path string) string {
	const most = 2000
	content, err := os.ReadFile(path)
	if err != nil {
		return ""
	}
	return string(content[max(0, len(content)-most):])
}
