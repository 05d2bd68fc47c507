package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// patience bounds every wait; nothing here takes nearly as long.
const patience = 60 * time.Second

// binary is the built command under test, set once by TestMain.
var binary string

func TestMain(m *testing.M) {
	os.Exit(buildAndRun(m))
}

func buildAndRun(m *testing.M) int {
	dir, err := os.MkdirTemp("", "devstack-test")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(dir)
	binary = filepath.Join(dir, "devstack")
	if out, err := exec.Command("go", "build", "-o", binary, ".").CombinedOutput(); err != nil {
		fmt.Fprintf(os.Stderr, "build devstack: %v\n%s", err, out)
		return 1
	}
	return m.Run()
}

// process is a started devstack whose ready line has been read.
type process struct {
	cmd    *exec.Cmd
	ready  json.RawMessage
	rest   *bufio.Reader
	stderr *bytes.Buffer
}

// start runs devstack and waits for its ready line.
func start(t *testing.T, args ...string) *process {
	t.Helper()
	p := &process{cmd: exec.Command(binary, args...), stderr: &bytes.Buffer{}}
	p.cmd.Stderr = p.stderr
	stdout, err := p.cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, p.cmd.Start())
	t.Cleanup(func() {
		_ = p.cmd.Process.Kill()
		_ = p.cmd.Wait()
	})
	watchdog := time.AfterFunc(patience, func() { _ = p.cmd.Process.Kill() })
	defer watchdog.Stop()
	p.rest = bufio.NewReader(stdout)
	p.ready, err = p.rest.ReadBytes('\n')
	require.NoError(t, err, "no ready line; stderr:\n%s", p.stderr)
	return p
}

// startServer starts "server start-dev" on free ports.
func startServer(t *testing.T, args ...string) (*process, serverReady) {
	t.Helper()
	p := start(t, append([]string{"server", "start-dev", "--port", "0"}, args...)...)
	var ready serverReady
	require.NoError(t, json.Unmarshal(p.ready, &ready))
	require.True(t, ready.Ready)
	return p, ready
}

func startOIDC(t *testing.T, args ...string) (*process, oidcReady) {
	t.Helper()
	key := filepath.Join(t.TempDir(), "key.pem")
	p := start(t, append([]string{"oidc", "--key-file", key}, args...)...)
	var ready oidcReady
	require.NoError(t, json.Unmarshal(p.ready, &ready))
	require.True(t, ready.Ready)
	return p, ready
}

// kill ends the process as a crash would.
func (p *process) kill(t *testing.T) {
	t.Helper()
	require.NoError(t, p.cmd.Process.Signal(syscall.SIGKILL))
	_ = p.cmd.Wait()
}

func testContext(t *testing.T) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	t.Cleanup(cancel)
	return ctx
}

func TestSignalEndsCleanly(t *testing.T) {
	t.Parallel()
	for name, args := range map[string][]string{
		"server": {"server", "start-dev", "--port", "0", "--headless"},
		"oidc":   {"oidc", "--key-file", filepath.Join(t.TempDir(), "key.pem")},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := start(t, args...)
			require.NoError(t, p.cmd.Process.Signal(syscall.SIGTERM))
			require.NoError(t, p.cmd.Wait(), "exit code; stderr:\n%s", p.stderr)
			require.NotContains(t, p.stderr.String(), "panic")
		})
	}
}

// The child keeps its stdout open for as long as it lives, so the end of the
// pipe is the end of the child.
func TestExitWithParent(t *testing.T) {
	t.Parallel()
	script := `"$0" oidc --key-file "$1" --exit-with-parent & wait`
	parent := exec.Command("sh", "-c", script, binary, filepath.Join(t.TempDir(), "key.pem"))
	reader, writer, err := os.Pipe()
	require.NoError(t, err)
	defer reader.Close()
	parent.Stdout = writer
	require.NoError(t, parent.Start())
	require.NoError(t, writer.Close())

	require.NoError(t, reader.SetReadDeadline(time.Now().Add(patience)))
	output := bufio.NewReader(reader)
	_, err = output.ReadBytes('\n')
	require.NoError(t, err, "no ready line")
	require.NoError(t, parent.Process.Kill())
	_ = parent.Wait()

	_, err = output.ReadByte()
	require.ErrorContains(t, err, "EOF", "devstack outlived its parent")
}

func TestPortInUse(t *testing.T) {
	t.Parallel()
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, taken.Close()) })
	_, port, err := net.SplitHostPort(taken.Addr().String())
	require.NoError(t, err)

	for name, tc := range map[string]struct {
		args []string
		flag string
	}{
		"frontend": {[]string{"server", "start-dev", "--headless", "--port", port}, "--port"},
		"ui":       {[]string{"server", "start-dev", "--port", "0", "--ui-port", port}, "--ui-port"},
		"metrics":  {[]string{"server", "start-dev", "--headless", "--port", "0", "--metrics-port", port}, "--metrics-port"},
		"oidc":     {[]string{"oidc", "--key-file", filepath.Join(t.TempDir(), "k"), "--addr", "127.0.0.1:" + port}, "--addr"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			code, stderr := runToEnd(t, tc.args...)
			require.Equal(t, exitFault, code)
			require.Contains(t, stderr, tc.flag)
		})
	}
}

func TestBadCommandLine(t *testing.T) {
	t.Parallel()
	startDev := []string{"server", "start-dev", "--port", "0", "--headless"}
	for name, tc := range map[string]struct {
		args []string
		code int
		says string
	}{
		"unknown command":     {[]string{"serve"}, exitUsage, `"serve"`},
		"unknown subcommand":  {[]string{"server", "start"}, exitUsage, `"start"`},
		"unknown flag":        {append(startDev, "--http-port", "1"), exitUsage, "--http-port"},
		"stray argument":      {append(startDev, "now"), exitUsage, `"now"`},
		"attribute type":      {append(startDev, "--search-attribute", "A=Colour"), exitUsage, "Keyword"},
		"attribute form":      {append(startDev, "--search-attribute", "A"), exitUsage, "NAME=TYPE"},
		"setting form":        {append(startDev, "--dynamic-config-value", "a.b"), exitUsage, "KEY=VALUE"},
		"setting value":       {append(startDev, "--dynamic-config-value", "a.b={"), exitUsage, "JSON"},
		"log level":           {append(startDev, "--log-level", "loud"), exitFault, "--log-level"},
		"log format":          {append(startDev, "--log-format", "xml"), exitFault, "--log-format"},
		"not an address":      {append(startDev, "--ip", "example.org"), exitFault, "--ip"},
		"short retention":     {append(startDev, "--retention", "1m"), exitFault, "--retention"},
		"two stores":          {append(startDev, "--db-filename", "a", "--postgres", "b"), exitFault, "--postgres"},
		"no folder":           {append(startDev, "--db-filename", "/nowhere/at/all.db"), exitFault, "create it first"},
		"oidc without key":    {[]string{"oidc"}, exitUsage, "--key-file"},
		"oidc not loopback":   {[]string{"oidc", "--key-file", "k", "--addr", "0.0.0.0:0"}, exitFault, "loopback"},
		"oidc without users":  {[]string{"oidc", "--key-file", "k", "--users", "/nowhere"}, exitFault, "users file"},
		"ui login, no client": {[]string{"server", "start-dev", "--port", "0", "--ui-oidc-issuer", "http://127.0.0.1:1"}, exitFault, "--ui-oidc-client-id"},
		"ui login, no provider": {
			[]string{"server", "start-dev", "--port", "0", "--ui-oidc-issuer", "http://127.0.0.1:1", "--ui-oidc-client-id", "ui"},
			exitFault, "start it first",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			code, stderr := runToEnd(t, tc.args...)
			require.Equal(t, tc.code, code, stderr)
			require.Contains(t, stderr, tc.says)
		})
	}
}

func TestPostgresPasswordStaysSecret(t *testing.T) {
	t.Parallel()
	for name, address := range map[string]string{
		"unreachable": "postgres://someone:hunter2@127.0.0.1:1/temporal",
		"not a URL":   "postgres://someone:hunter2@127.0.0.1:port/temporal",
		"no user":     "postgres://:hunter2@127.0.0.1:1/temporal",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			code, stderr := runToEnd(t, "server", "start-dev", "--port", "0", "--headless", "--postgres", address)
			require.Equal(t, exitFault, code)
			require.Contains(t, stderr, "--postgres")
			require.NotContains(t, stderr, "hunter2")
		})
	}
}

func TestMetrics(t *testing.T) {
	t.Parallel()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	_, port, err := net.SplitHostPort(listener.Addr().String())
	require.NoError(t, err)
	require.NoError(t, listener.Close())

	_, ready := startServer(t, "--headless", "--metrics-port", port)
	require.Equal(t, "http://127.0.0.1:"+port+"/metrics", ready.Metrics)
	require.Empty(t, ready.UI)
	require.EventuallyWithT(t, func(c *assert.CollectT) {
		require.Contains(c, fetchText(c, ready.Metrics), "service_requests")
	}, patience, 100*time.Millisecond)
}

func fetchText(t require.TestingT, address string) string {
	response, err := http.Get(address)
	require.NoError(t, err)
	defer response.Body.Close()
	require.Equal(t, http.StatusOK, response.StatusCode)
	var body bytes.Buffer
	_, err = body.ReadFrom(response.Body)
	require.NoError(t, err)
	return body.String()
}

// runToEnd runs a devstack that is expected to refuse, with one line on stderr
// and nothing on stdout.
func runToEnd(t *testing.T, args ...string) (code int, stderr string) {
	t.Helper()
	var out, text bytes.Buffer
	cmd := exec.CommandContext(testContext(t), binary, args...)
	cmd.Stdout, cmd.Stderr = &out, &text
	err := cmd.Run()
	var exit *exec.ExitError
	require.ErrorAs(t, err, &exit)
	require.Empty(t, out.String())
	require.Equal(t, 1, strings.Count(text.String(), "\n"), "one line: %s", text.String())
	return exit.ExitCode(), text.String()
}
