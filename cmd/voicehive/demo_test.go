//go:build full && linux

package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/oauth2/clientcredentials"

	"github.com/voicehive/voicehive/connectors/pms"
	"github.com/voicehive/voicehive/starter"
	"github.com/voicehive/voicehive/starter/api/client"
)

// ending is how long a stack may take to end after Ctrl-C on a busy machine: the
// Temporal server alone has twenty seconds.
const ending = time.Minute

// A program is a running verb of the binary.
type program struct {
	*exec.Cmd
	out, told *lines
	family    *family
	ended     chan error
}

// runBinary starts a verb of the built binary, with a temporary folder of its own.
func runBinary(ctx context.Context, t *testing.T, args ...string) *program {
	t.Helper()
	env := []string{"TMPDIR=" + keptHome(t)}
	for _, name := range []string{"PATH", "HOME", "VOICEHIVE_DEVSTACK"} {
		env = append(env, name+"="+os.Getenv(name))
	}
	return runIn(ctx, t, env, args...)
}

// runIn starts a verb of the built binary in an environment.
func runIn(ctx context.Context, t *testing.T, env []string, args ...string) *program {
	t.Helper()
	p := &program{Cmd: exec.CommandContext(ctx, os.Getenv("VOICEHIVE_BINARY"), args...), out: newLines(), told: newLines(), ended: make(chan error, 1)}
	p.Env = env
	p.Stdout, p.Stderr = p.out, p.told
	p.WaitDelay = ending // should a child keep the pipes
	require.NoError(t, p.Start())
	p.family = watchFamily(t, p.Process.Pid)
	go func() {
		p.ended <- p.Wait()
		close(p.ended)
	}()
	t.Cleanup(func() {
		_ = p.Process.Kill()
		<-p.ended
	})
	return p
}

// lines collects what a program prints.
type lines struct {
	mu   sync.Mutex
	text bytes.Buffer
	more chan struct{} // says that there is more
}

func newLines() *lines { return &lines{more: make(chan struct{}, 1)} }

func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	select {
	case l.more <- struct{}{}:
	default:
	}
	return l.text.Write(p)
}

func (l *lines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// await waits until the program has printed the text.
func (l *lines) await(ctx context.Context, t *testing.T, text string) {
	t.Helper()
	for !strings.Contains(l.String(), text) {
		select {
		case <-l.more:
		case <-ctx.Done():
			require.NoError(t, ctx.Err(), "%q was never printed, but:\n%s", text, l)
		}
	}
}

// lastLine is the last line printed.
func (l *lines) lastLine() string {
	var last string
	for scanner := bufio.NewScanner(strings.NewReader(l.String())); scanner.Scan(); {
		last = scanner.Text()
	}
	return last
}

// awaitEnd waits for the end and returns the exit code; -1 after a signal.
func (p *program) awaitEnd(ctx context.Context, t *testing.T) int {
	t.Helper()
	select {
	case <-p.ended:
	case <-ctx.Done():
		require.NoError(t, ctx.Err(), "%v has not ended; it printed:\n%s", p.Args, p.told)
	}
	return p.ProcessState.ExitCode()
}

// TestDemo plays the demo to its end.
func TestDemo(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	defer cancel()
	p := runBinary(ctx, t, "demo", "--json")
	require.Equal(t, exitOK, p.awaitEnd(ctx, t), "%s", p.told)
	var result demoResult
	require.NoError(t, json.Unmarshal([]byte(p.out.lastLine()), &result), "%s", p.out)
	require.True(t, result.OK, result.Error)
	require.Empty(t, result.Error)
	require.Positive(t, result.Seconds)
	require.Len(t, result.Chapters, 6)
	for _, c := range result.Chapters {
		require.NotEmpty(t, c.Title)
		require.NotEmpty(t, c.Lines, c.Title)
		if c.Workflow != "" {
			require.True(t, strings.HasPrefix(c.Workflow, result.TemporalUI+"/"), c.Workflow)
		}
	}
	require.NotEmpty(t, result.Chapters[1].Workflow, "the killed booking shows its history")
	require.NotEmpty(t, result.Mailbox)
	for chapter, letter := range map[int]string{1: "Ihre Buchung", 2: "wurde geändert", 4: "ist storniert"} {
		lines := strings.Join(result.Chapters[chapter].Lines, "\n")
		require.Contains(t, lines, `E-mail to the guest, in "de": Ihre Buchung`)
		require.Contains(t, lines, letter)
	}
	p.family.requireGone(t, ending)
	left, err := os.ReadDir(strings.TrimPrefix(p.Env[0], "TMPDIR="))
	require.NoError(t, err)
	require.Empty(t, left, "the demo cleans up after itself")
}

// TestDemoEnds ends the demo in the middle, in the ways in which people and
// machines do.
func TestDemoEnds(t *testing.T) {
	for _, tc := range []struct {
		name   string
		signal syscall.Signal
		after  string // what it has printed
		code   int
	}{
		{"CtrlC", syscall.SIGINT, "The worker dies", exitFailed},
		{"CtrlCWhileStarting", syscall.SIGINT, "Apaleo sandbox", exitFailed},
		{"Terminated", syscall.SIGTERM, "The guest changes", exitFailed},
		{"Killed", syscall.SIGKILL, "The worker dies", -1},
	} {
		t.Run(tc.name, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
			defer cancel()
			p := runBinary(ctx, t, "demo", "--json")
			p.told.await(ctx, t, tc.after)
			require.NoError(t, p.Process.Signal(tc.signal))
			bounded, stop := context.WithTimeout(ctx, ending)
			defer stop()
			require.Equal(t, tc.code, p.awaitEnd(bounded, t), "%s", p.told)
			p.family.requireGone(t, ending)
			if tc.code == exitFailed {
				var result demoResult
				require.NoError(t, json.Unmarshal([]byte(p.out.lastLine()), &result), "%s", p.out)
				require.False(t, result.OK)
				require.NotEmpty(t, result.Error)
			}
		})
	}
}

// TestDev looks at all that `voicehive dev` offers on its addresses.
func TestDev(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
	defer cancel()
	p := runBinary(ctx, t, "dev", "--json", "--home", keptHome(t))
	p.out.await(ctx, t, "\n")
	var at map[string]string
	require.NoError(t, json.Unmarshal([]byte(p.out.lastLine()), &at))
	for _, name := range []string{"api", "docs", "temporal_ui", "temporal", "sandbox", "openid", "database", "keys_database", "hotel", "key", "logs"} {
		require.NotEmpty(t, at[name], name)
	}
	for _, url := range []string{at["api"] + "/healthz", at["api"] + "/readyz", at["docs"], at["api"] + "/openapi.json", at["temporal_ui"], at["sandbox"] + "/sandbox/v1/state"} {
		fetch(ctx, t, url)
	}

	machine := clientcredentials.Config{ClientID: "agent", ClientSecret: "agent-development-only", TokenURL: at["openid"] + "/token"}
	token, err := machine.Token(ctx)
	require.NoError(t, err)
	bookOne(ctx, t, at, token.AccessToken)
	bookOne(ctx, t, at, at["key"])

	requireMetrics(ctx, t, at["api"],
		"voicehive_http_request_duration_seconds", "voicehive_pms_request_duration_seconds",
		"temporal_request_total", "go_goroutines", "process_start_time_seconds")

	require.NoError(t, p.Process.Signal(syscall.SIGINT))
	bounded, stop := context.WithTimeout(ctx, ending)
	defer stop()
	require.Equal(t, exitOK, p.awaitEnd(bounded, t), "%s", p.told)
	p.family.requireGone(t, ending)
}

// bookOne books through the API with a token or key, so that every part has
// something to measure.
func bookOne(ctx context.Context, t *testing.T, at map[string]string, token string) {
	t.Helper()
	api, err := client.New(at["api"], token)
	require.NoError(t, err)
	arrival := openDay(pms.DateOf(time.Now()).AddDays(60))
	offers, err := api.Availability(ctx, at["hotel"], starter.AvailabilityQuery{Arrival: arrival, Departure: arrival.AddDays(1), Occupancy: pms.Occupancy{Adults: 1}})
	require.NoError(t, err)
	quote, err := api.Quote(ctx, at["hotel"], starter.QuoteRequest{Stays: []starter.StayRequest{{
		RoomType: pms.RoomTypeID(offers[0].RoomType.ID), RatePlan: pms.RatePlanID(offers[0].RatePlan.ID),
		Arrival: arrival, Departure: arrival.AddDays(1), Occupancy: pms.Occupancy{Adults: 1},
	}}})
	require.NoError(t, err)
	key := client.NewKey()
	booked, err := api.Settle(ctx, func(ctx context.Context) (starter.Reservation, error) {
		return api.Book(ctx, at["hotel"], key, starter.BookRequest{Quote: quote.ID, Guest: ada})
	})
	require.NoError(t, err)
	require.NotEmpty(t, booked.Confirmation)
}

func fetch(ctx context.Context, t *testing.T, url string) string {
	t.Helper()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	require.NoError(t, err)
	answer, err := http.DefaultClient.Do(request)
	require.NoError(t, err)
	defer answer.Body.Close()
	body, err := io.ReadAll(io.LimitReader(answer.Body, 8<<20))
	require.NoError(t, err)
	require.Equal(t, http.StatusOK, answer.StatusCode, "%s: %s", url, body)
	return string(body)
}

// requireMetrics requires that a process serves these metric families.
func requireMetrics(ctx context.Context, t *testing.T, base string, names ...string) {
	t.Helper()
	text := fetch(ctx, t, base+"/metrics")
	for _, name := range names {
		require.Contains(t, text, "# TYPE "+name+" ", "the metrics at %s", base)
	}
}
