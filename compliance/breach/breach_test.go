package breach_test

import (
	"context"
	"encoding/json"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/voicehive/voicehive/compliance/audit"
	"github.com/voicehive/voicehive/compliance/breach"
	"github.com/voicehive/voicehive/compliance/keys"
	"github.com/voicehive/voicehive/internal/postgres"
	"github.com/voicehive/voicehive/internal/postgres/postgrestest"
)

// guest stands for a guest: where it shows, a guest would.
const guest = "zzyzxova"

// an office is a register on real databases.
type office struct {
	*breach.Register
	t        *testing.T
	database *postgrestest.Database
	ctx      context.Context
}

func newOffice(t *testing.T) *office {
	t.Helper()
	database := postgrestest.New(t, postgres.Migrations)
	root, err := keys.OpenLocalKeyring(filepath.Join(t.TempDir(), "keyring.json"), "test")
	require.NoError(t, err)
	ring := keys.New(keys.NewPostgres(postgrestest.New(t, keys.Migrations).Pool(t)), root, keys.Options{})
	require.NoError(t, ring.EnsureTenant(t.Context(), audit.HouseTenant))
	return &office{t: t, database: database, ctx: t.Context(), Register: &breach.Register{
		Pool: database.Pool(t), Keys: ring, Auditor: audit.NewWriter(ring), Hours: breach.DefaultHours(),
		People: func(_ context.Context, text string) (bool, error) { return strings.Contains(text, guest), nil },
	}}
}

func opening() breach.Opening {
	return breach.Opening{
		Kinds: []breach.Kind{breach.Confidentiality}, Aware: time.Now().Add(-time.Hour), Hotels: []string{"boreal", "aurora", "boreal"},
		Text: "A backup of some 200 bookings lay readable for a day; found by a scan.", Actor: "ops:1",
	}
}

func (o *office) open() breach.Breach {
	o.t.Helper()
	b, err := o.Open(o.ctx, opening())
	require.NoError(o.t, err)
	return b
}

func (o *office) note(id string, e breach.Entry) breach.Breach {
	o.t.Helper()
	e.Actor = "ops:1"
	if e.Text == "" {
		e.Text = "As said."
	}
	b, err := o.Note(o.ctx, id, e)
	require.NoError(o.t, err)
	return b
}

func (o *office) events() (kinds []string) {
	o.t.Helper()
	rows, err := o.Pool.Role(postgres.RoleAuditor).Query(o.ctx, "select kind from audit_outbox order by id")
	require.NoError(o.t, err)
	defer rows.Close()
	for rows.Next() {
		var kind string
		require.NoError(o.t, rows.Scan(&kind))
		kinds = append(kinds, kind)
	}
	require.NoError(o.t, rows.Err())
	return kinds
}

// TestTheClockBeginsWithAwareness: and not with the entry in the register.
func TestTheClockBeginsWithAwareness(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	b := o.open()
	require.Equal(t, []string{"aurora", "boreal"}, b.Hotels)
	require.Equal(t, 24*time.Hour, b.ControllerDue.Sub(b.Aware))
	require.Equal(t, 72*time.Hour, b.AuthorityDue.Sub(b.Aware))
	o.Hours = breach.Hours{Controller: 12, Authority: 96}
	other := o.open()
	require.Equal(t, 96*time.Hour, other.AuthorityDue.Sub(other.Aware), "the hours are a setting")
	read, err := o.Read(o.ctx, b.ID, "ops:1")
	require.NoError(t, err)
	require.WithinDuration(t, b.AuthorityDue, read.AuthorityDue, time.Microsecond, "and of a breach that is open they stay")
	require.Equal(t, opening().Text, read.Text)
	all, err := o.List(o.ctx, false)
	require.NoError(t, err)
	require.Len(t, all, 2)
	require.Empty(t, all[0].Text, "texts are read one breach at a time, on the record")
	require.Equal(t, []string{"breach.opened", "breach.opened", "breach.read"}, o.events())
}

// TestABreachThroughAllItsPhases: what is due follows from what is in the
// register, and it is closed when everything is done and no sooner.
func TestABreachThroughAllItsPhases(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	b := o.open()
	due := func() (d breach.Duties) {
		d, err := o.Duties(o.ctx, b.ID)
		require.NoError(t, err)
		return d
	}
	require.Len(t, due().Due, 2)
	require.Equal(t, 2, due().Untold)
	closes := func(want string) {
		t.Helper()
		_, err := o.Close(o.ctx, b.ID, "ops:1")
		require.ErrorIs(t, err, breach.ErrUndone)
		require.ErrorContains(t, err, want)
	}
	closes("2 hotels were not told: aurora, boreal")
	o.note(b.ID, breach.Entry{Act: breach.ControllerTold, Hotel: "aurora"})
	require.Equal(t, 1, due().Untold)
	o.note(b.ID, breach.Entry{Act: breach.ControllerTold, Hotel: "boreal"})
	require.NotContains(t, due().Due, breach.TellControllers)
	closes("nobody has assessed the risk")
	o.note(b.ID, breach.Entry{Act: breach.Assessed, Risk: breach.Unlikely})
	require.Empty(t, due().Due, "no authority has to be told where no risk is likely")
	o.note(b.ID, breach.Entry{Act: breach.Assessed, Risk: breach.High})
	require.Contains(t, due().Due, breach.TellAuthority, "assessed anew")
	o.note(b.ID, breach.Entry{Act: breach.AuthorityTold, Phase: breach.Initial})
	require.Empty(t, due().Due)
	closes("the authority has no final notice")
	o.note(b.ID, breach.Entry{Act: breach.ControllerTold, Hotel: "coastal"})
	o.note(b.ID, breach.Entry{Act: breach.AuthorityTold, Phase: breach.Final})
	closes("no guest was told")
	o.note(b.ID, breach.Entry{Act: breach.PersonsTold})
	closes("nothing was done about it")
	o.note(b.ID, breach.Entry{Act: breach.Remedied, Text: "Backups are sealed."})
	closed, err := o.Close(o.ctx, b.ID, "ops:2")
	require.NoError(t, err)
	require.False(t, closed.ClosedAt.IsZero())
	require.True(t, due().Closed)
	_, err = o.Note(o.ctx, b.ID, breach.Entry{Act: breach.Fact, Text: "More.", Actor: "ops:1"})
	require.ErrorIs(t, err, breach.ErrClosed)
	read, err := o.Read(o.ctx, b.ID, "ops:1")
	require.NoError(t, err)
	require.Equal(t, []string{"aurora", "boreal", "coastal"}, read.Hotels, "who was found out later to be concerned")
	require.Equal(t, "Backups are sealed.", read.Notes[len(read.Notes)-1].Text)
	open, err := o.List(o.ctx, false)
	require.NoError(t, err)
	require.Empty(t, open)
	all, err := o.List(o.ctx, true)
	require.NoError(t, err)
	require.Len(t, all, 1, "every breach stays in the register")
}

// TestALateNoticeSaysWhy (Article 33(1)).
func TestALateNoticeSaysWhy(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	late := opening()
	late.Aware = time.Now().Add(-80 * time.Hour)
	b, err := o.Open(o.ctx, late)
	require.NoError(t, err)
	e := breach.Entry{Act: breach.AuthorityTold, Phase: breach.Initial, Text: "By the portal.", Actor: "ops:1"}
	_, err = o.Note(o.ctx, b.ID, e)
	require.ErrorIs(t, err, breach.ErrInvalid)
	require.ErrorContains(t, err, "late")
	e.At = b.Aware.Add(70 * time.Hour)
	_, err = o.Note(o.ctx, b.ID, e)
	require.NoError(t, err, "written down late, and in time all the same")

	b, err = o.Open(o.ctx, late)
	require.NoError(t, err)
	e.At, e.Delay = time.Time{}, "investigation"
	_, err = o.Note(o.ctx, b.ID, e)
	require.NoError(t, err)
}

func TestWhatTheRegisterRefuses(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	for name, edit := range map[string]func(*breach.Opening){
		"no kind":           func(b *breach.Opening) { b.Kinds = nil },
		"another kind":      func(b *breach.Opening) { b.Kinds = []breach.Kind{"theft"} },
		"one kind twice":    func(b *breach.Opening) { b.Kinds = []breach.Kind{breach.Integrity, breach.Integrity} },
		"awareness to come": func(b *breach.Opening) { b.Aware = time.Now().Add(time.Hour) },
		"no awareness":      func(b *breach.Opening) { b.Aware = time.Time{} },
		"another century":   func(b *breach.Opening) { b.Aware = time.Now().AddDate(-90, 0, 0) },
		"no words":          func(b *breach.Opening) { b.Text = " \n" },
		"too many words":    func(b *breach.Opening) { b.Text = strings.Repeat("x", 8001) },
		"no text":           func(b *breach.Opening) { b.Text = "a\x00b" },
		"a guest":           func(b *breach.Opening) { b.Text = "The booking of " + guest },
		"nobody":            func(b *breach.Opening) { b.Actor = "" },
	} {
		opened := opening()
		edit(&opened)
		_, err := o.Open(o.ctx, opened)
		require.ErrorIs(t, err, breach.ErrInvalid, name)
		require.NotContains(t, err.Error(), guest)
	}
	for _, hours := range []breach.Hours{{0, 72}, {24, 0}, {73, 72}, {24, 721}} {
		require.ErrorIs(t, hours.Validate(), breach.ErrInvalid)
	}
	b := o.open()
	for name, e := range map[string]breach.Entry{
		"another act":              {Act: "gossip"},
		"a hotel without name":     {Act: breach.ControllerTold},
		"a name and no hotel":      {Act: breach.Fact, Hotel: "aurora"},
		"an assessment of nothing": {Act: breach.Assessed},
		"a risk of its own":        {Act: breach.Assessed, Risk: "some"},
		"no phase":                 {Act: breach.AuthorityTold},
		"another phase":            {Act: breach.AuthorityTold, Phase: "last"},
		"a delay of nothing":       {Act: breach.Fact, Delay: "technical"},
		"another delay":            {Act: breach.AuthorityTold, Phase: breach.Initial, Delay: "holidays"},
		"tomorrow":                 {Act: breach.Fact, At: time.Now().Add(24 * time.Hour)},
		"before anybody knew":      {Act: breach.Fact, At: time.Now().Add(-24 * time.Hour)},
		"a guest":                  {Act: breach.Fact, Text: guest},
	} {
		if e.Actor = "ops:1"; e.Text == "" {
			e.Text = "As said."
		}
		_, err := o.Note(o.ctx, b.ID, e)
		require.ErrorIs(t, err, breach.ErrInvalid, name)
	}
	_, err := o.Note(o.ctx, "01JD3Z8Q4X0000000000000000", breach.Entry{Act: breach.Fact, Text: "x", Actor: "ops:1"})
	require.ErrorIs(t, err, breach.ErrNotFound)
	_, err = o.Close(o.ctx, "'; drop table breach", "ops:1")
	require.ErrorIs(t, err, breach.ErrNotFound)
}

// TestNotesAreNumberedOneByOne: two officers write at once.
func TestNotesAreNumberedOneByOne(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	b := o.open()
	var writing sync.WaitGroup
	for range 8 {
		writing.Go(func() {
			_, err := o.Note(o.ctx, b.ID, breach.Entry{Act: breach.Fact, Text: "Found out.", Actor: "ops:1"})
			require.NoError(t, err)
		})
	}
	writing.Wait()
	read, err := o.Read(o.ctx, b.ID, "ops:1")
	require.NoError(t, err)
	require.Len(t, read.Notes, 8)
	for i, n := range read.Notes {
		require.Equal(t, i+1, n.N)
	}
}

// TestTheRegisterIsTheHousesAndSealed: no hotel reads it, nobody changes what
// was written, and the database holds no word of it.
func TestTheRegisterIsTheHousesAndSealed(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	b := o.open()
	o.note(b.ID, breach.Entry{Act: breach.Fact, Text: "The bucket was public."})
	for _, table := range []string{"breach", "breach_note", "breach_hotel"} {
		var n int
		require.NoError(t, o.Pool.Tenant("aurora").QueryRow(o.ctx, "select count(*) from "+table).Scan(&n))
		require.Zero(t, n, table)
	}
	for _, sql := range []string{"update breach_note set actor = 'x'", "delete from breach_note", "delete from breach", "update breach set aware_at = now()"} {
		_, err := o.Pool.Tenant(audit.HouseTenant).Exec(o.ctx, sql)
		require.ErrorContains(t, err, "42501", sql)
	}
	text, err := json.Marshal(b.Duties())
	require.NoError(t, err)
	require.NotContains(t, string(text), "backup")
	var readable bool
	require.NoError(t, o.Pool.Tenant(audit.HouseTenant).QueryRow(o.ctx, "select bool_or(position('backup'::bytea in sealed) > 0) from breach").Scan(&readable))
	require.False(t, readable)
}
