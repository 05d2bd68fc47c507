package evidence

import (
	"bytes"
	"context"
	_ "embed"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"gopkg.in/yaml.v3"

	"github.com/voicehive/voicehive/compliance/audit"
	"github.com/voicehive/voicehive/internal/postgres"
)

//go:embed controls.yaml
var controlsFile []byte

// ErrControls says that the list of controls is not right.
var ErrControls = errors.New("evidence: the list of controls is not right")

// A Framework is a set of rules that controls are mapped to.
type Framework struct {
	ID    string `yaml:"id" json:"id"`
	Title string `yaml:"title" json:"title"`
}

// A Control is a question to the data.
type Control struct {
	ID    string   `yaml:"id" json:"id"`
	Title string   `yaml:"title" json:"title"`
	Maps  []string `yaml:"maps" json:"maps"` // framework and place in it
	How   string   `yaml:"how" json:"how"`
	As    string   `yaml:"as" json:"as,omitempty"`
	Query string   `yaml:"query" json:"query,omitempty"`
	Check string   `yaml:"check" json:"check,omitempty"`
}

// Framework is the one that the control belongs to first.
func (c Control) Framework() string {
	name, _, _ := strings.Cut(c.Maps[0], " ")
	return name
}

type controlList struct {
	Frameworks []Framework `yaml:"frameworks"`
	Controls   []Control   `yaml:"controls"`
}

// token is what OSCAL takes as an id and a name.
var token = regexp.MustCompile(`^[a-z][a-z0-9-]{1,60}$`)

// Controls are those of this build, in their order, and their frameworks.
func Controls() ([]Control, []Framework, error) { return parseControls(controlsFile) }

func parseControls(text []byte) ([]Control, []Framework, error) {
	var list controlList
	decoder := yaml.NewDecoder(bytes.NewReader(text))
	decoder.KnownFields(true)
	if err := decoder.Decode(&list); err != nil {
		return nil, nil, fmt.Errorf("%w: %w", ErrControls, err)
	}
	seen := map[string]bool{}
	for _, c := range list.Controls {
		if !token.MatchString(c.ID) || seen[c.ID] || c.Title == "" || c.How == "" || len(c.Maps) == 0 || (c.Query == "") == (c.Check == "") {
			return nil, nil, fmt.Errorf("%w: %q needs an id of its own, title, maps, how, and either query or check", ErrControls, c.ID)
		}
		if _, known := checks[c.Check]; c.Check != "" && !known {
			return nil, nil, fmt.Errorf("%w: %s names the check %q, which is not there", ErrControls, c.ID, c.Check)
		}
		if _, known := roles[c.As]; c.Query != "" && !known {
			return nil, nil, fmt.Errorf("%w: %s asks as %q", ErrControls, c.ID, c.As)
		}
		for _, m := range c.Maps {
			name, place, _ := strings.Cut(m, " ")
			if place == "" || !slices.ContainsFunc(list.Frameworks, func(f Framework) bool { return f.ID == name }) {
				return nil, nil, fmt.Errorf("%w: %s is mapped to %q", ErrControls, c.ID, m)
			}
		}
		seen[c.ID] = true
	}
	return list.Controls, list.Frameworks, nil
}

// State is what became of a control.
type State string

// The states. OSCAL knows the first two only.
const (
	Satisfied    State = "satisfied"
	NotSatisfied State = "not-satisfied"
	NotTested    State = "not-tested"
)

// A Result is the answer to a control.
type Result struct {
	Control string `json:"control"`
	State   State  `json:"state"`
	// Cases are how many were looked at, Wrong how many of them are wrong.
	Cases int64 `json:"cases"`
	Wrong int64 `json:"wrong"`
	// Why tells of a control that was not tested.
	Why string `json:"why,omitempty"`
}

// an answer is what a query or a check says.
type answer struct {
	cases, wrong int64
	why          string
}

func (a answer) result(id string) Result {
	r := Result{Control: id, State: Satisfied, Cases: a.cases, Wrong: a.wrong, Why: a.why}
	switch {
	case a.wrong > 0:
		r.State = NotSatisfied
	case a.cases == 0:
		r.State = NotTested
		if r.Why == "" {
			r.Why = "there was nothing to look at"
		}
	}
	return r
}

// roles are those that a query can have.
var roles = map[string]func(ctx context.Context, p *postgres.Pool, hotel string, fn func(pgx.Tx) error) error{
	"tenant": func(ctx context.Context, p *postgres.Pool, hotel string, fn func(pgx.Tx) error) error {
		return p.InTenantReadOnly(ctx, hotel, fn)
	},
	"checker": func(ctx context.Context, p *postgres.Pool, _ string, fn func(pgx.Tx) error) error {
		return p.AsRole(ctx, postgres.RoleChecker, fn)
	},
	"house": func(ctx context.Context, p *postgres.Pool, _ string, fn func(pgx.Tx) error) error {
		return p.InTenantReadOnly(ctx, audit.HouseTenant, fn)
	},
	"auditor": func(ctx context.Context, p *postgres.Pool, _ string, fn func(pgx.Tx) error) error {
		return p.AsRole(ctx, postgres.RoleAuditor, fn)
	},
}

// queryTime bounds one query.
const queryTime = 5 * time.Minute

// ask answers a control by its query.
func (j *job) ask(ctx context.Context, c Control) (a answer, err error) {
	err = roles[c.As](ctx, j.Pool, j.Hotel, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, "select set_config('statement_timeout', $1, true)", fmt.Sprint(queryTime.Milliseconds())); err != nil {
			return err
		}
		return tx.QueryRow(ctx, c.Query, pgx.NamedArgs{"hotel": j.Hotel, "from": j.From, "until": j.Until}).Scan(&a.cases, &a.wrong)
	})
	return a, err
}

// judge answers all controls.
func (j *job) judge(ctx context.Context) ([]Result, error) {
	var all []Result
	for _, c := range j.controls {
		var a answer
		var err error
		if c.Check != "" {
			a, err = checks[c.Check](ctx, j)
		} else {
			a, err = j.ask(ctx, c)
		}
		if err != nil {
			return nil, fmt.Errorf("evidence: control %s: %w", c.ID, err)
		}
		all = append(all, a.result(c.ID))
	}
	return all, nil
}
