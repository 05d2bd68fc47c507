package evidence

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/voicehive/voicehive/compliance/attest"
	"github.com/voicehive/voicehive/compliance/audit"
	"github.com/voicehive/voicehive/internal/postgres"
)

// maxPeriod bounds what one pack tells of.
const maxPeriod = 400 * 24 * time.Hour

// collectTime bounds the making of one pack.
const collectTime = 30 * time.Minute

// ErrPeriod: the period is none that a pack can be made for.
var ErrPeriod = errors.New("evidence: the period must begin before it ends, end in the past and last 400 days at most")

// A Collector makes packs. Its fields are set once; it is safe for concurrent
// use.
type Collector struct {
	Pool *postgres.Pool
	Log  *audit.Log
	// Signer signs statements, LogSigner the log where that is another key: it is
	// asked for its public half alone, for the pack brings both.
	Signer, LogSigner audit.Signer
	// LogName is the installation's name in its logs.
	LogName string
	// Pseudonym is a hotel's name in the log.
	Pseudonym func(ctx context.Context, hotel string) (string, error)
	// Papers are the documents of this build.
	Papers []Paper
	// Overdue counts what is looked at and what had its time by a moment; where
	// it is nil the control is not tested.
	Overdue func(ctx context.Context, hotel string, at time.Time) (of, overdue int64, err error)
	// History says how long Temporal keeps finished runs and refuses, with
	// retention.ErrHistory, when that is longer than the hotel's rule lets it; where
	// it is nil the control is not tested.
	History func(ctx context.Context, hotel string) error
	// Version is the build's.
	Version string
	// Clock is the time; time.Now when nil.
	Clock func() time.Time
}

// A Paper is a document with its version and the digest of its text.
type Paper struct {
	Name, Title, Version, Digest string
	Content                      []byte
}

// A Request says what to make a pack of: what happened from From until Until,
// Until not within.
type Request struct {
	Hotel       string
	From, Until time.Time
}

// A Summary tells what a pack holds.
type Summary struct {
	Hotel        string    `json:"hotel"`
	From         time.Time `json:"from"`
	Until        time.Time `json:"until"`
	Satisfied    int       `json:"satisfied"`
	NotSatisfied int       `json:"not_satisfied"`
	NotTested    int       `json:"not_tested"`
	Statements   int       `json:"statements"`
	Entries      int64     `json:"log_entries"`
	Results      []Result  `json:"results"`
}

// a job is one pack under way.
type job struct {
	Collector
	Request
	controls   []Control
	frameworks []Framework
	logs       []logPart
	results    []Result
	statements []statement
	keys       []string // of the log, as vkeys
}

// Collect writes a pack. The same data makes the same bytes.
func (c Collector) Collect(ctx context.Context, r Request, out io.Writer) (Summary, error) {
	ctx, cancel := context.WithTimeout(ctx, collectTime)
	defer cancel()
	now := time.Now
	if c.Clock != nil {
		now = c.Clock
	}
	r.From, r.Until = r.From.UTC().Truncate(time.Second), r.Until.UTC().Truncate(time.Second)
	if !r.From.Before(r.Until) || r.Until.After(now()) || r.Until.Sub(r.From) > maxPeriod {
		return Summary{}, ErrPeriod
	}
	j := &job{Collector: c, Request: r}
	defer j.close()
	for _, step := range []func(context.Context) error{j.prepare, j.exportLogs, j.judgeAll, j.state} {
		if err := step(ctx); err != nil {
			return Summary{}, err
		}
	}
	if err := j.write(ctx, out); err != nil {
		return Summary{}, err
	}
	return j.summary(), nil
}

func (j *job) prepare(ctx context.Context) (err error) {
	if j.controls, j.frameworks, err = Controls(); err != nil {
		return err
	}
	if j.LogSigner == nil {
		j.keys, err = audit.VerifierKeys(ctx, j.Signer, j.LogName)
		return err
	}
	if j.keys, err = audit.VerifierKeys(ctx, j.LogSigner, j.LogName); err != nil {
		return err
	}
	own, err := audit.VerifierKeys(ctx, j.Signer, attest.KeyName(j.LogName))
	j.keys = append(j.keys, own...)
	return err
}

func (j *job) judgeAll(ctx context.Context) (err error) {
	j.results, err = j.judge(ctx)
	return err
}

func (j *job) summary() Summary {
	s := Summary{Hotel: j.Hotel, From: j.From, Until: j.Until, Results: j.results, Statements: len(j.statements) + 1}
	for _, r := range j.results {
		switch r.State {
		case Satisfied:
			s.Satisfied++
		case NotSatisfied:
			s.NotSatisfied++
		case NotTested:
			s.NotTested++
		}
	}
	for _, l := range j.logs {
		s.Entries += l.entries
	}
	return s
}

// verifierKeys are the log's keys as one file.
func (j *job) verifierKeys() []byte { return []byte(strings.Join(j.keys, "\n") + "\n") }

// sign makes a statement's file.
func (j *job) sign(ctx context.Context, kind string, subjects []attest.Subject, predicate any) ([]byte, error) {
	envelope, err := attest.Sign(ctx, j.Signer, predicateType(kind), subjects, predicate)
	if err != nil {
		return nil, fmt.Errorf("evidence: sign %s: %w", kind, err)
	}
	return marshal(envelope)
}

func predicateType(kind string) string { return attest.Predicates + kind + "/v1" }
