//go:build full && linux

package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// localAddresses are the local ends of a process's IPv4 connections, as the
// other side sees them: 127.0.0.1:43210.
func localAddresses(pid int) (map[string]bool, error) {
	folder := fmt.Sprintf("/proc/%d", pid)
	descriptors, err := os.ReadDir(filepath.Join(folder, "fd"))
	if err != nil {
		return nil, fmt.Errorf("read the descriptors of process %d: %w", pid, err)
	}
	sockets := map[string]bool{}
	for _, d := range descriptors {
		// A descriptor may be closed by now.
		link, err := os.Readlink(filepath.Join(folder, "fd", d.Name()))
		if inode, ok := strings.CutPrefix(link, "socket:["); ok && err == nil {
			sockets[strings.TrimSuffix(inode, "]")] = true
		}
	}
	table, err := os.ReadFile(filepath.Join(folder, "net", "tcp"))
	if err != nil {
		return nil, fmt.Errorf("read the connections of process %d: %w", pid, err)
	}
	addresses := map[string]bool{}
	for line := range strings.Lines(string(table)) {
		fields := strings.Fields(line)
		if len(fields) < 10 || !sockets[fields[9]] {
			continue
		}
		_, hex, _ := strings.Cut(fields[1], ":")
		port, err := strconv.ParseUint(hex, 16, 16)
		if err != nil {
			return nil, fmt.Errorf("read a port of process %d: %w", pid, err)
		}
		addresses[fmt.Sprintf("127.0.0.1:%d", port)] = true
	}
	return addresses, nil
}

// processID names a process; the start time tells it from a later one with the
// same number.
type processID struct {
	pid     int
	started string
}

// process is what /proc/<pid>/stat tells.
type process struct {
	processID
	name   string
	parent int
	dead   bool // a zombie: ended, and not waited for
}

func processes() []process {
	files, _ := filepath.Glob("/proc/[0-9]*/stat")
	all := make([]process, 0, len(files))
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			continue // it has just ended
		}
		// pid (name) state ppid ...; the name may hold anything.
		head, rest, _ := strings.Cut(string(text), " (")
		end := strings.LastIndex(rest, ") ")
		if end < 0 {
			continue
		}
		fields := strings.Fields(rest[end+2:])
		pid, _ := strconv.Atoi(head)
		parent, _ := strconv.Atoi(fields[1])
		all = append(all, process{processID{pid, fields[19]}, rest[:end], parent, fields[0] == "Z"})
	}
	return all
}

// family watches a process and remembers all that descended from it, so that
// orphans are found after it has ended.
type family struct {
	mu      sync.Mutex
	members map[processID]string
	stop    chan struct{}
	stopped chan struct{}
}

func watchFamily(t *testing.T, root int) *family {
	t.Helper()
	f := &family{members: map[processID]string{}, stop: make(chan struct{}), stopped: make(chan struct{})}
	f.look(root)
	require.Contains(t, f.pids(), root)
	ticker := time.NewTicker(50 * time.Millisecond)
	go func() {
		defer close(f.stopped)
		defer ticker.Stop()
		for {
			select {
			case <-f.stop:
				return
			case <-ticker.C:
				f.look(root)
			}
		}
	}()
	t.Cleanup(sync.OnceFunc(func() { close(f.stop); <-f.stopped }))
	return f
}

// look adds whoever has a parent in the family.
func (f *family) look(root int) {
	all := processes()
	f.mu.Lock()
	defer f.mu.Unlock()
	for grown := true; grown; {
		grown = false
		pids := map[int]bool{}
		for id := range f.members {
			pids[id.pid] = true
		}
		for _, p := range all {
			if _, known := f.members[p.processID]; known || !pids[p.parent] && (p.pid != root || len(f.members) > 0) {
				continue
			}
			f.members[p.processID] = p.name
			grown = true
		}
	}
}

func (f *family) pids() []int {
	f.mu.Lock()
	defer f.mu.Unlock()
	var pids []int
	for id := range f.members {
		pids = append(pids, id.pid)
	}
	return pids
}

// alive names the members that still run.
func (f *family) alive() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	var names []string
	for _, p := range processes() {
		if name, ok := f.members[p.processID]; ok && !p.dead {
			names = append(names, fmt.Sprintf("%s (%d)", name, p.pid))
		}
	}
	return names
}

// requireGone waits until nobody of the family runs.
func (f *family) requireGone(t *testing.T, within time.Duration) {
	t.Helper()
	require.Greater(t, len(f.pids()), 5, "the stack's processes were not seen")
	require.Eventually(t, func() bool { return len(f.alive()) == 0 }, within, 50*time.Millisecond, "left behind: %v", f.alive())
}
