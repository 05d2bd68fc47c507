package subjects

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"
)

// Kind is what an index entry was made from.
type Kind string

// The kinds. Their names stand in the database and in the names of keys: they
// never change.
const (
	KindPhone Kind = "phone"
	KindEmail Kind = "email"
	// KindName is a full name: first and last.
	KindName Kind = "name"
	// KindSurname is a last name alone. It finds candidates and joins nobody.
	KindSurname Kind = "surname"
)

// kinds are all of them, in the order of a query.
var kinds = []Kind{KindPhone, KindEmail, KindName, KindSurname}

// ErrNothingToFind: a query names nobody: no part of it is a phone, an e-mail
// or a name.
var ErrNothingToFind = errors.New("subjects: give a phone, an e-mail or a name to look for")

// Person is what is known of somebody, as it was told. Empty parts are unknown.
type Person struct {
	FirstName, LastName, Email, Phone string
	// Country says whose numbers those without + are: the hotel's, ISO 3166.
	Country string
}

// Entry is one way to find a scope.
type Entry struct {
	Kind   Kind
	Digest []byte // 32 bytes
}

// Macer authenticates data with the hotel's own key. *keys.Ring is one.
type Macer interface {
	MAC(ctx context.Context, tenant, purpose string, data ...[]byte) ([]byte, error)
}

// Index makes the entries of people. It is safe for concurrent use.
type Index struct{ macs Macer }

// NewIndex returns an index on the hotels' keys.
func NewIndex(m Macer) *Index { return &Index{macs: m} }

// Entries are the ways to find what belongs to the person; none for what
// cannot be normalised. They hold nothing that can be read.
func (x *Index) Entries(ctx context.Context, tenant string, p Person) ([]Entry, error) {
	var entries []Entry
	for kind, text := range p.normal() {
		digest, err := x.digest(ctx, tenant, kind, text)
		if err != nil {
			return nil, err
		}
		entries = append(entries, Entry{Kind: kind, Digest: digest})
	}
	return entries, nil
}

// normal yields what can be indexed of the person.
func (p Person) normal() func(yield func(Kind, string) bool) {
	full := ""
	if len(nameWords(p.FirstName)) > 0 && len(nameWords(p.LastName)) > 0 {
		full = Name(p.FirstName, p.LastName)
	}
	forms := map[Kind]string{
		KindPhone: Phone(p.Phone, p.Country), KindEmail: Email(p.Email), KindName: full, KindSurname: Name(p.LastName),
	}
	return func(yield func(Kind, string) bool) {
		for _, kind := range kinds {
			if forms[kind] != "" && !yield(kind, forms[kind]) {
				return
			}
		}
	}
}

func (x *Index) digest(ctx context.Context, tenant string, kind Kind, text string) ([]byte, error) {
	digest, err := x.macs.MAC(ctx, tenant, "index/"+string(kind), []byte(text))
	if err != nil {
		return nil, fmt.Errorf("subjects: index the %s: %w", kind, err)
	}
	return digest, nil
}

// query has one digest for each kind. What the person lacks is asked for by
// chance, so that every query has one shape and costs the same.
func (x *Index) query(ctx context.Context, tenant string, p Person) (digests [][]byte, err error) {
	asked := map[Kind][]byte{}
	entries, err := x.Entries(ctx, tenant, p)
	if err != nil {
		return nil, err
	}
	if len(entries) == 0 {
		return nil, ErrNothingToFind
	}
	for _, e := range entries {
		asked[e.Kind] = e.Digest
	}
	for _, kind := range kinds {
		if asked[kind] == nil {
			asked[kind] = make([]byte, 32)
			rand.Read(asked[kind])
		}
		digests = append(digests, asked[kind])
	}
	return digests, nil
}

// Insert writes the entries of a scope in the caller's transaction. Those that
// are there already stay.
func Insert(ctx context.Context, tx pgx.Tx, tenant, scope string, entries []Entry) error {
	if len(entries) == 0 {
		return nil
	}
	kinds, digests := Columns(entries)
	_, err := tx.Exec(ctx, `
		insert into guest_index (hotel, kind, digest, scope)
		select $1, kind, digest, $2 from unnest($3::text[], $4::bytea[]) as e (kind, digest)
		on conflict do nothing`, tenant, scope, kinds, digests)
	if err != nil {
		return fmt.Errorf("subjects: write the index: %w", err)
	}
	return nil
}

// Columns are the entries as two arrays, for a statement that writes them.
func Columns(entries []Entry) (kinds []string, digests [][]byte) {
	kinds, digests = make([]string, len(entries)), make([][]byte, len(entries))
	for i, e := range entries {
		kinds[i], digests[i] = string(e.Kind), e.Digest
	}
	return kinds, digests
}
