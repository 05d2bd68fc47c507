// Package code makes and checks one-time codes: six to eight digits that prove
// that somebody reads an address. It sends nothing; package notification does.
//
// A code is kept as a keyed MAC, so whoever reads the table has no code and
// cannot try them all. It ends when it was used, when its time is over, after
// MaxGuesses guesses, and when a newer one is made for the same scope. The clock
// is the database's; when that jumps a code may end early, and once it was seen
// to be over it stays so.
//
// It stands on the activities floor.
package code

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"errors"
	"fmt"
	"math/big"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/oklog/ulid/v2"

	"github.com/voicehive/voicehive/activities/notification/code/codedb"
	"github.com/voicehive/voicehive/internal/postgres"
)

const (
	// MaxGuesses is how often a code may be guessed, right or wrong.
	MaxGuesses = 5
	// MaxIssues is how many codes a scope may have in IssueTime: else somebody
	// could guess for ever, or have us call a stranger's phone all night.
	MaxIssues = 5
	// IssueTime is the time in which MaxIssues counts.
	IssueTime = time.Hour
	// MaxLife bounds how long a code is valid.
	MaxLife = time.Hour
)

// Answers of Check and Issue. What the guest hears should be the same for all
// of Check's: which it was helps whoever guesses.
var (
	// ErrWrong: that is not the code.
	ErrWrong = errors.New("code: it is not the right one")
	// ErrOver: the code was used, replaced, guessed too often, or its time is
	// over.
	ErrOver = errors.New("code: it is not valid any more; make a new one")
	// ErrUnknown: there is no such code.
	ErrUnknown = errors.New("code: there is no such code")
	// ErrTooMany: the scope has had as many codes as it may for now.
	ErrTooMany = errors.New("code: too many codes were made; wait an hour")
	// ErrRequest: the request is not one. It is a mistake of the program.
	ErrRequest = errors.New("code: want a scope, 6 to 8 digits and a life of at most an hour")
)

// Authenticator makes keyed MACs; *keys.Ring is one.
type Authenticator interface {
	MAC(ctx context.Context, tenant, purpose string, data ...[]byte) ([]byte, error)
}

// macPurpose keeps these MACs apart from all others of a tenant.
const macPurpose = "one-time-code"

// Codes makes and checks codes. It is safe for concurrent use.
type Codes struct {
	pool *postgres.Pool
	auth Authenticator
}

// New returns the codes in the database of pool.
func New(pool *postgres.Pool, a Authenticator) *Codes { return &Codes{pool: pool, auth: a} }

// A Request is for a code.
type Request struct {
	Hotel string
	// Scope is what the code is about: a booking, a case. A new code of a scope
	// ends the one before.
	Scope  string
	Digits int
	Life   time.Duration
}

// A Code is one that was made. Digits go to the guest and nowhere else.
type Code struct {
	ID     string
	Digits string
}

// String hides the digits from logs.
func (c Code) String() string { return "code " + c.ID }

// Issue makes a code. ErrTooMany when the scope had too many.
func (c *Codes) Issue(ctx context.Context, r Request) (Code, error) {
	if r.Scope == "" || len(r.Scope) > 64 || r.Digits < 6 || r.Digits > 8 || r.Life < time.Second || r.Life > MaxLife {
		return Code{}, ErrRequest
	}
	made := Code{ID: ulid.Make().String(), Digits: digits(r.Digits)}
	mac, err := c.mac(ctx, r.Hotel, made.ID, made.Digits)
	if err != nil {
		return Code{}, err
	}
	err = c.pool.InTenant(ctx, r.Hotel, func(tx pgx.Tx) error {
		queries := codedb.New(tx)
		if err := queries.Lock(ctx, codedb.LockParams{Hotel: r.Hotel, Scope: r.Scope}); err != nil {
			return err
		}
		recent, err := queries.Recent(ctx, codedb.RecentParams{Hotel: r.Hotel, Scope: r.Scope, Seconds: IssueTime.Seconds()})
		if err != nil {
			return err
		}
		if recent >= MaxIssues {
			return ErrTooMany
		}
		if err := queries.EndOthers(ctx, codedb.EndOthersParams{Hotel: r.Hotel, Scope: r.Scope}); err != nil {
			return err
		}
		return queries.Issue(ctx, codedb.IssueParams{
			Hotel: r.Hotel, ID: made.ID, Scope: r.Scope, Mac: mac, Seconds: r.Life.Seconds(),
		})
	})
	if err != nil && !errors.Is(err, ErrTooMany) {
		err = fmt.Errorf("code: make a code: %w", err)
	}
	if err != nil {
		return Code{}, err
	}
	return made, nil
}

// Check tells whether guess is the code, and uses it up when it is. nil means
// that it is; ErrWrong, ErrOver or ErrUnknown that it is not; any other error
// that nothing could be found out. Steps run in the transaction that uses the
// right code up: what it proves is written down with it, or it stays unused.
func (c *Codes) Check(ctx context.Context, hotel, id, guess string, proven ...postgres.Step) error {
	mac, err := c.mac(ctx, hotel, id, normal(guess))
	if err != nil {
		return err
	}
	// The verdict leaves the transaction beside its error: a wrong guess must be
	// counted, so it commits.
	var verdict error
	err = c.pool.InTenant(ctx, hotel, func(tx pgx.Tx) error {
		queries := codedb.New(tx)
		row, err := queries.Guess(ctx, codedb.GuessParams{Hotel: hotel, ID: id})
		right := hmac.Equal(mac, row.Mac)
		switch {
		case errors.Is(err, pgx.ErrNoRows):
			verdict = ErrUnknown
			return nil
		case err != nil:
			return err
		case row.Ended || row.Guesses > MaxGuesses:
			verdict = ErrOver
			return nil
		case !right:
			verdict = ErrWrong
			return nil
		}
		if err := queries.Use(ctx, codedb.UseParams{Hotel: hotel, ID: id}); err != nil {
			return err
		}
		return postgres.Along(ctx, tx, proven...)
	})
	if err != nil {
		return fmt.Errorf("code: check a code: %w", err)
	}
	return verdict
}

// Forget deletes the codes of scopes.
func (c *Codes) Forget(ctx context.Context, hotel string, scopes ...string) error {
	if _, err := codedb.New(c.pool.Tenant(hotel)).Forget(ctx, codedb.ForgetParams{Hotel: hotel, Scopes: scopes}); err != nil {
		return fmt.Errorf("code: forget codes: %w", err)
	}
	return nil
}

func (c *Codes) mac(ctx context.Context, hotel, id, digits string) ([]byte, error) {
	mac, err := c.auth.MAC(ctx, hotel, macPurpose, []byte(id), []byte(digits))
	if err != nil {
		return nil, fmt.Errorf("code: %w", err)
	}
	return mac, nil
}

// digits draws so many, each as likely as any other.
func digits(n int) string {
	most := new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(n)), nil)
	drawn, _ := rand.Int(rand.Reader, most) // never fails: crypto/rand ends the process instead
	return fmt.Sprintf("%0*d", n, drawn)
}

// normal drops what people and speech recognisers put between digits. What is
// too long to be a code is cut, not stored or searched.
func normal(guess string) string {
	kept := make([]byte, 0, 8)
	for i := 0; i < len(guess) && len(kept) <= 8; i++ {
		switch b := guess[i]; b {
		case ' ', '-', '.', ',':
		default:
			kept = append(kept, b)
		}
	}
	return string(kept)
}
