package code_test

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"errors"
	"fmt"
	"regexp"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"github.com/voicehive/voicehive/activities/notification/code"
	"github.com/voicehive/voicehive/internal/postgres"
	"github.com/voicehive/voicehive/internal/postgres/postgrestest"
)

const hotel = "hotel-aurora"

// macs is an authenticator with a key for each tenant and purpose.
type macs struct{ err error }

func (m macs) MAC(_ context.Context, tenant, purpose string, data ...[]byte) ([]byte, error) {
	h := hmac.New(sha256.New, []byte("key of "+tenant+" for "+purpose))
	for _, d := range data {
		fmt.Fprintf(h, "%d:%s", len(d), d)
	}
	return h.Sum(nil), m.err
}

func desk(t *testing.T) (*code.Codes, *postgrestest.Database) {
	t.Helper()
	database := postgrestest.New(t, postgres.Migrations)
	return code.New(database.Pool(t), macs{}), database
}

func issue(t *testing.T, c *code.Codes, scope string) code.Code {
	t.Helper()
	made, err := c.Issue(t.Context(), code.Request{Hotel: hotel, Scope: scope, Digits: 6, Life: 10 * time.Minute})
	require.NoError(t, err)
	return made
}

// wrong is a code that is not this one.
func wrong(c code.Code) string {
	if c.Digits == "000000" {
		return "000001"
	}
	return "000000"
}

func TestACodeIsRightOnce(t *testing.T) {
	t.Parallel()
	c, _ := desk(t)
	made := issue(t, c, "case-1")
	require.Regexp(t, regexp.MustCompile(`^[0-9]{6}$`), made.Digits)
	require.NotContains(t, fmt.Sprint(made), made.Digits, "it must not stand in a log")
	require.ErrorIs(t, c.Check(t.Context(), hotel, made.ID, wrong(made)), code.ErrWrong)
	spoken := made.Digits[:3] + " - " + made.Digits[3:] + "."
	require.NoError(t, c.Check(t.Context(), hotel, made.ID, spoken), "as people say and recognisers write it")
	require.ErrorIs(t, c.Check(t.Context(), hotel, made.ID, made.Digits), code.ErrOver)
}

func TestGuessesAreCounted(t *testing.T) {
	t.Parallel()
	c, _ := desk(t)
	made := issue(t, c, "case-1")
	for range code.MaxGuesses {
		require.ErrorIs(t, c.Check(t.Context(), hotel, made.ID, wrong(made)), code.ErrWrong)
	}
	require.ErrorIs(t, c.Check(t.Context(), hotel, made.ID, made.Digits), code.ErrOver, "right, and too late")
}

func TestGuessesAtOnceAreCountedToo(t *testing.T) {
	t.Parallel()
	c, _ := desk(t)
	made := issue(t, c, "case-1")
	var tried atomic.Int32
	var wg sync.WaitGroup
	for range 40 {
		wg.Go(func() {
			if errors.Is(c.Check(t.Context(), hotel, made.ID, wrong(made)), code.ErrWrong) {
				tried.Add(1)
			}
		})
	}
	wg.Wait()
	require.EqualValues(t, code.MaxGuesses, tried.Load())
}

func TestOneOfManyRightGuessesAtOnceCounts(t *testing.T) {
	t.Parallel()
	c, _ := desk(t)
	made := issue(t, c, "case-1")
	var right atomic.Int32
	var wg sync.WaitGroup
	for range code.MaxGuesses {
		wg.Go(func() {
			if c.Check(t.Context(), hotel, made.ID, made.Digits) == nil {
				right.Add(1)
			}
		})
	}
	wg.Wait()
	require.EqualValues(t, 1, right.Load())
}

func TestACodeEnds(t *testing.T) {
	t.Parallel()
	c, database := desk(t)
	old := issue(t, c, "case-1")
	made := issue(t, c, "case-1")
	require.NotEqual(t, old.ID, made.ID)
	require.ErrorIs(t, c.Check(t.Context(), hotel, old.ID, old.Digits), code.ErrOver, "a newer one replaced it")
	database.Admin(t, "update one_time_code set expires_at = now() - interval '1 second'")
	require.ErrorIs(t, c.Check(t.Context(), hotel, made.ID, made.Digits), code.ErrOver, "its time is over")
}

func TestCodesOfAScopeAreFew(t *testing.T) {
	t.Parallel()
	c, database := desk(t)
	var made, refused atomic.Int32
	var wg sync.WaitGroup
	for range 4 * code.MaxIssues {
		wg.Go(func() {
			_, err := c.Issue(t.Context(), code.Request{Hotel: hotel, Scope: "case-1", Digits: 8, Life: time.Minute})
			switch {
			case err == nil:
				made.Add(1)
			case errors.Is(err, code.ErrTooMany):
				refused.Add(1)
			}
		})
	}
	wg.Wait()
	require.EqualValues(t, code.MaxIssues, made.Load())
	require.EqualValues(t, 3*code.MaxIssues, refused.Load())
	issue(t, c, "case-2") // another case is not held up
	database.Admin(t, "update one_time_code set created_at = created_at - interval '61 minutes'")
	issue(t, c, "case-1")
}

func TestACodeOfElsewhereIsNone(t *testing.T) {
	t.Parallel()
	c, database := desk(t)
	made, other := issue(t, c, "case-1"), issue(t, c, "case-2")
	require.ErrorIs(t, c.Check(t.Context(), "other-hotel", made.ID, made.Digits), code.ErrUnknown)
	require.ErrorIs(t, c.Check(t.Context(), hotel, "none", made.Digits), code.ErrUnknown)
	if made.Digits != other.Digits {
		require.ErrorIs(t, c.Check(t.Context(), hotel, other.ID, made.Digits), code.ErrWrong)
	}
	// A row that is copied over another does not make its code right there.
	database.Admin(t, fmt.Sprintf("update one_time_code set mac = (select mac from one_time_code where id = '%s') where id = '%s'", made.ID, other.ID))
	require.ErrorIs(t, c.Check(t.Context(), hotel, other.ID, made.Digits), code.ErrWrong)
	require.NoError(t, c.Forget(t.Context(), hotel, "case-1"))
	require.ErrorIs(t, c.Check(t.Context(), hotel, made.ID, made.Digits), code.ErrUnknown)
}

func TestNoCodeStandsInTheTable(t *testing.T) {
	t.Parallel()
	c, database := desk(t)
	made, err := c.Issue(t.Context(), code.Request{Hotel: hotel, Scope: "case-1", Digits: 8, Life: time.Minute})
	require.NoError(t, err)
	conn, err := pgx.Connect(t.Context(), database.AdminURL)
	require.NoError(t, err)
	defer conn.Close(t.Context())
	var row string
	require.NoError(t, conn.QueryRow(t.Context(), "select one_time_code::text from one_time_code").Scan(&row))
	require.NotContains(t, row, made.Digits)
}

func TestBadGuessesAndRequests(t *testing.T) {
	t.Parallel()
	c, _ := desk(t)
	made := issue(t, c, "case-1")
	for _, guess := range []string{"", made.Digits + "0", string(make([]byte, 1<<20))} {
		require.ErrorIs(t, c.Check(t.Context(), hotel, made.ID, guess), code.ErrWrong)
	}
	require.NoError(t, c.Check(t.Context(), hotel, made.ID, made.Digits))
	for name, r := range map[string]code.Request{
		"no scope":     {Hotel: hotel, Digits: 6, Life: time.Minute},
		"few digits":   {Hotel: hotel, Scope: "s", Digits: 5, Life: time.Minute},
		"many digits":  {Hotel: hotel, Scope: "s", Digits: 9, Life: time.Minute},
		"no life":      {Hotel: hotel, Scope: "s", Digits: 6},
		"a long life":  {Hotel: hotel, Scope: "s", Digits: 6, Life: 2 * time.Hour},
		"a long scope": {Hotel: hotel, Scope: string(make([]byte, 65)), Digits: 6, Life: time.Minute},
	} {
		_, err := c.Issue(t.Context(), r)
		require.ErrorIs(t, err, code.ErrRequest, name)
	}
	_, err := c.Issue(t.Context(), code.Request{Hotel: "No Hotel", Scope: "s", Digits: 6, Life: time.Minute})
	require.ErrorIs(t, err, postgres.ErrTenant)
}

func TestWithoutKeysNothingIsDecided(t *testing.T) {
	t.Parallel()
	away := errors.New("the keys are away")
	c := code.New(postgrestest.New(t, postgres.Migrations).Pool(t), macs{err: away})
	_, err := c.Issue(t.Context(), code.Request{Hotel: hotel, Scope: "s", Digits: 6, Life: time.Minute})
	require.ErrorIs(t, err, away)
	require.ErrorIs(t, c.Check(t.Context(), hotel, "id", "123456"), away)
}

// TestDigitsAreDrawnFairly: of many codes each digit comes at each place about
// as often as any other. It fails once in a billion runs.
func TestDigitsAreDrawnFairly(t *testing.T) {
	t.Parallel()
	const draws = 20000
	var seen [8][10]int
	for range draws {
		for place, digit := range code.Digits(8) {
			seen[place][digit-'0']++
		}
	}
	for place := range seen {
		for digit, n := range seen[place] {
			require.InDelta(t, draws/10, n, 300, "digit %d at %d", digit, place) // 7 standard deviations
		}
	}
}

func TestWhatACodeProvesIsWrittenWithIt(t *testing.T) {
	t.Parallel()
	c, _ := desk(t)
	made := issue(t, c, "case-1")
	errAway := errors.New("the table is away")
	written := 0
	step := func(context.Context, pgx.Tx) error { written++; return nil }
	fail := func(context.Context, pgx.Tx) error { return errAway }

	require.ErrorIs(t, c.Check(t.Context(), hotel, made.ID, wrong(made), step), code.ErrWrong)
	require.Zero(t, written, "a wrong code proves nothing")
	require.ErrorIs(t, c.Check(t.Context(), hotel, made.ID, made.Digits, fail), errAway)
	require.NoError(t, c.Check(t.Context(), hotel, made.ID, made.Digits, step), "what was not written leaves the code unused")
	require.Equal(t, 1, written)
}
