package access

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/oklog/ulid/v2"

	"github.com/voicehive/voicehive/compliance/audit"
	"github.com/voicehive/voicehive/compliance/keys"
	"github.com/voicehive/voicehive/internal/postgres"
)

const (
	// grace is how long a download that broke can be begun again, and mostStarts
	// how often.
	grace      = time.Hour
	mostStarts = 5
	// doneTime bounds the note that a download ended, which outlives it.
	doneTime = 10 * time.Second
)

// ErrLink is the one answer to a link that is unknown, over or used.
var ErrLink = errors.New("access: the link does not work, or does no more; ask the hotel for another")

// A Link is a fresh one. Its token is told once and kept nowhere.
type Link struct {
	Token string
	Until time.Time
	// Message is the id of the letter that takes it to the guest.
	Message string
}

// hashOf is what is kept of a token: 256 random bits, so a plain hash of them
// cannot be searched.
func hashOf(token string) []byte {
	sum := sha256.Sum256([]byte("voicehive/access-link/1\x00" + token))
	return sum[:]
}

// LetterID is the id of the letter for an attempt to send a pack's link: the
// same each time, so that a repeated step queues one letter.
func LetterID(pack Pack, attempt int) (string, error) {
	id, err := ulid.ParseStrict(pack.ID)
	if err != nil {
		return "", ErrNotFound
	}
	sum := sha256.Sum256(fmt.Appendf(nil, "letter %s %d", pack.ID, attempt))
	if err := id.SetEntropy(sum[:10]); err != nil {
		return "", err
	}
	return id.String(), nil
}

// MakeLink makes a link to a pack that goes out in a letter, and ends all
// earlier ones. queue, which gets the link, seals the letter and returns the
// step that queues it in the same transaction. Where that letter was queued
// before nothing is made, and the link comes back with Message alone: nobody
// knows its token any more but the letter.
func (d *Desk) MakeLink(ctx context.Context, hotel string, p Pack, attempt int, queue func(Link) (postgres.Step, error)) (Link, error) {
	letter, err := LetterID(p, attempt)
	if err != nil {
		return Link{}, err
	}
	var before bool
	if err := d.Pool.Tenant(hotel).QueryRow(ctx, `select exists (select from access_link where hotel = $1 and message = $2)`, hotel, letter).Scan(&before); err != nil || before {
		return Link{Message: letter}, named(err, "look for the letter")
	}
	token := make([]byte, 32)
	rand.Read(token)
	link := Link{Token: base64.RawURLEncoding.EncodeToString(token), Until: d.now().Add(d.LinkLife).UTC(), Message: letter}
	step, err := queue(link)
	if err != nil {
		return Link{}, err
	}
	entry, err := d.Auditor.Prepare(ctx, audit.Event{
		Tenant: hotel, Kind: EventLinked, Actor: actor, Scope: p.Case,
		Detail: map[string]any{"case": p.Case, "pack": p.ID, "message": letter, "until": link.Until},
	})
	if err != nil {
		return Link{}, named(err, "prepare the audit entry")
	}
	err = d.Pool.InTenant(ctx, hotel, func(tx pgx.Tx) error {
		// The pack's row orders those that make a link at the same time.
		var ready bool
		err := tx.QueryRow(ctx, `select state = 'ready' from access_pack where hotel = $1 and id = $2 for update`, hotel, p.ID).Scan(&ready)
		if errors.Is(err, pgx.ErrNoRows) || err == nil && !ready {
			return ErrNotFound
		}
		if err != nil {
			return err
		}
		tag, err := tx.Exec(ctx, `
			insert into access_link (hotel, id, pack, hash, message, expires_at) values ($1, $2, $3, $4, $2, $5)
			on conflict (hotel, id) do nothing`, hotel, letter, p.ID, hashOf(link.Token), link.Until)
		if err != nil {
			return err
		}
		if tag.RowsAffected() == 0 { // somebody was faster
			link = Link{Message: letter}
			return nil
		}
		if _, err := tx.Exec(ctx, `
			update access_link set ended_at = now() where hotel = $1 and pack = $2 and id <> $3 and ended_at is null`, hotel, p.ID, letter); err != nil {
			return err
		}
		if err := step(ctx, tx); err != nil {
			return err
		}
		return entry.Insert(ctx, tx)
	})
	return link, named(err, "make a link")
}

// A Download is a pack on its way to who had the link. Read it to its end, and
// tell by Close whether it went.
type Download struct {
	Hotel  string
	Name   string // of the file
	Bytes  int64
	SHA256 []byte
	io.Reader

	desk   *Desk
	pack   Pack
	link   string
	object io.Closer
}

// Redeem takes a link: once, and again for a while when the download broke. It
// answers ErrLink to everything that is no living link.
func (d *Desk) Redeem(ctx context.Context, token string) (*Download, error) {
	if raw, err := base64.RawURLEncoding.Strict().DecodeString(token); err != nil || len(raw) != 32 || d.Objects == nil {
		return nil, ErrLink
	}
	hash := hashOf(token)
	var hotel, link string
	err := d.Pool.Role(postgres.RoleGate).QueryRow(ctx, `select hotel, id from access_link where hash = $1`, hash).Scan(&hotel, &link)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil, ErrLink
	}
	if err != nil {
		return nil, named(err, "look for a link")
	}
	p, err := d.claim(ctx, hotel, link)
	if err != nil {
		return nil, err
	}
	plain, err := d.unseal(ctx, hotel, p)
	if errors.Is(err, ErrErased) {
		return nil, ErrLink
	}
	if err != nil {
		return nil, err
	}
	return &Download{
		Hotel: hotel, Name: p.Name(), Bytes: p.Bytes, SHA256: p.SHA256, Reader: plain,
		desk: d, pack: p, link: link, object: plain,
	}, nil
}

// claim counts a download that begins, with its entry in the audit log.
func (d *Desk) claim(ctx context.Context, hotel, link string) (p Pack, err error) {
	err = d.Pool.Tenant(hotel).QueryRow(ctx, `
		select p.id, p.scope, p.portable, p.bytes, p.sha256, p.object from access_link l
		join access_pack p on p.hotel = l.hotel and p.id = l.pack and p.state = 'ready'
		where l.hotel = $1 and l.id = $2`, hotel, link).Scan(&p.ID, &p.Case, &p.Portable, &p.Bytes, &p.SHA256, &p.object)
	if errors.Is(err, pgx.ErrNoRows) {
		return p, ErrLink
	}
	if err != nil {
		return p, named(err, "read a link")
	}
	entry, err := d.event(ctx, hotel, EventDownload, byGuest, p)
	if err != nil {
		return p, err
	}
	err = d.Pool.InTenant(ctx, hotel, func(tx pgx.Tx) error {
		tag, err := tx.Exec(ctx, `
			update access_link set starts = starts + 1, started_at = coalesce(started_at, now())
			where hotel = $1 and id = $2 and completed_at is null and ended_at is null and expires_at > now()
			  and starts < $3 and (started_at is null or started_at > now() - $4 * interval '1 second')`,
			hotel, link, mostStarts, grace.Seconds())
		if err == nil && tag.RowsAffected() == 0 {
			return ErrLink
		}
		if err != nil {
			return err
		}
		return entry.Insert(ctx, tx)
	})
	if errors.Is(err, ErrLink) {
		return p, ErrLink
	}
	return p, named(err, "take a link")
}

// byGuest is who fetches by a link.
const byGuest = "guest"

func (d *Desk) event(ctx context.Context, hotel string, kind audit.Kind, by string, p Pack) (audit.Prepared, error) {
	e := audit.Event{Tenant: hotel, Kind: kind, Actor: by, Scope: p.Case, Detail: map[string]any{"case": p.Case, "pack": p.ID}}
	entry, err := d.Auditor.Prepare(ctx, e)
	if errors.Is(err, keys.ErrDestroyed) {
		return entry, ErrLink
	}
	return entry, named(err, "prepare the audit entry")
}

// Close ends the download. One that went to its end uses the link up.
func (w *Download) Close(ctx context.Context, whole bool) error {
	closing(w.object)
	if !whole {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), doneTime)
	defer cancel()
	entry, err := w.desk.event(ctx, w.Hotel, EventDownloaded, byGuest, w.pack)
	if err != nil {
		return err
	}
	err = w.desk.Pool.InTenant(ctx, w.Hotel, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, `
			update access_link set completed_at = coalesce(completed_at, now()) where hotel = $1 and id = $2`, w.Hotel, w.link); err != nil {
			return err
		}
		return entry.Insert(ctx, tx)
	})
	return named(err, "note a download")
}
