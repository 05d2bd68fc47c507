package code_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/voicehive/voicehive/activities/notification/code"
	"github.com/voicehive/voicehive/internal/postgres/postgrestest"
)

// jump lets the database's clock jump by so much, for the codes there are: what
// they remember lies as much further back.
func jump(t *testing.T, database *postgrestest.Database, by time.Duration) {
	t.Helper()
	database.Admin(t, fmt.Sprintf(`update one_time_code set created_at = created_at - interval '%[1]d s',
		expires_at = expires_at - interval '%[1]d s', ended_at = ended_at - interval '%[1]d s'`, int(by.Seconds())))
}

// jumps are those that are tried, on and back.
var jumps = []time.Duration{time.Hour, 24 * time.Hour, -time.Minute, -time.Hour, -24 * time.Hour}

// A code of ten minutes is over after any jump: nobody can tell how old it is.
func TestACodeDoesNotOutliveAJumpOfTheClock(t *testing.T) {
	t.Parallel()
	c, database := desk(t)
	for i, by := range jumps {
		made := issue(t, c, fmt.Sprint("case-", i))
		jump(t, database, by)
		require.ErrorIs(t, c.Check(t.Context(), hotel, made.ID, made.Digits), code.ErrOver, by)
		jump(t, database, -by)
		require.ErrorIs(t, c.Check(t.Context(), hotel, made.ID, made.Digits), code.ErrOver, "over is over, also when the clock is right again")

		fresh := issue(t, c, fmt.Sprint("case-", i))
		require.NoError(t, c.Check(t.Context(), hotel, fresh.ID, fresh.Digits), "a new one works at once")
	}
}

// A jump within a code's life takes nothing from it but that time.
func TestACodeLivesThroughASmallStepOn(t *testing.T) {
	t.Parallel()
	c, database := desk(t)
	made := issue(t, c, "case-1")
	jump(t, database, 9*time.Minute)
	require.NoError(t, c.Check(t.Context(), hotel, made.ID, made.Digits))
}

func TestAUsedCodeStaysUsedWhenTheClockJumps(t *testing.T) {
	t.Parallel()
	c, database := desk(t)
	made := issue(t, c, "case-1")
	require.NoError(t, c.Check(t.Context(), hotel, made.ID, made.Digits))
	for _, by := range jumps {
		jump(t, database, by)
		require.ErrorIs(t, c.Check(t.Context(), hotel, made.ID, made.Digits), code.ErrOver, by)
	}
}

// Guesses are counted and not timed: no jump gives more of them.
func TestGuessesStayCountedWhenTheClockJumps(t *testing.T) {
	t.Parallel()
	c, database := desk(t)
	made := issue(t, c, "case-1")
	for range code.MaxGuesses {
		require.ErrorIs(t, c.Check(t.Context(), hotel, made.ID, wrong(made)), code.ErrWrong)
	}
	for _, by := range []time.Duration{time.Minute, -30 * time.Second} {
		jump(t, database, by)
		require.ErrorIs(t, c.Check(t.Context(), hotel, made.ID, made.Digits), code.ErrOver, by)
	}
}

// A clock that goes back holds nobody up for a day, and one that goes back an
// hour gives nobody more codes.
func TestCodesOfAScopeStayFewWhenTheClockJumps(t *testing.T) {
	t.Parallel()
	c, database := desk(t)
	for range code.MaxIssues {
		issue(t, c, "case-1")
	}
	request := code.Request{Hotel: hotel, Scope: "case-1", Digits: 6, Life: time.Minute}
	for _, by := range []time.Duration{30 * time.Minute, -time.Hour} { // half an hour on, then half an hour back of what is right
		jump(t, database, by)
		_, err := c.Issue(t.Context(), request)
		require.ErrorIs(t, err, code.ErrTooMany, by)
	}
	jump(t, database, -24*time.Hour)
	_, err := c.Issue(t.Context(), request)
	require.NoError(t, err)
}
