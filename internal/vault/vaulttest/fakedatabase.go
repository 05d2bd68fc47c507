package vaulttest

import (
	"crypto/rand"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/vault/api"
)

// DatabaseMount is where a subject has its database engine, DatabaseRole a role
// there that the subject's roles may lease.
const (
	DatabaseMount = "database"
	DatabaseRole  = "voicehive-app"
)

// A Lender makes and drops the logins of a fake's database engine.
type Lender struct {
	Create func(username, password string) error
	Drop   func(username string) error
}

// A lease of the fake ends at its time, though its login is dropped by Revoke
// alone: nothing here runs by itself.
type lease struct {
	username, token string
	lastEnd         time.Time
}

// leaseLife is how long a lease lives at a time, and at most.
type leaseLife struct{ ttl, max time.Duration }

// Lend sets who makes the logins; without it they are names only. Leases live
// for ttl at a time and for max at most, in whole seconds.
func (f *Fake) Lend(l Lender, ttl, max time.Duration) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.lender, f.life = l, leaseLife{ttl, max}
}

// Leases counts the leases that were not revoked.
func (f *Fake) Leases(testing.TB) int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return len(f.leases)
}

// database serves the engine that is mounted at DatabaseMount and the leases.
func (f *Fake) database(w http.ResponseWriter, path, token string, body map[string]any) {
	const creds, renew, revoke = DatabaseMount + "/creds/", "sys/leases/renew/", "sys/leases/revoke/"
	now := time.Now()
	switch name := path[strings.LastIndex(path, "/")+1:]; {
	case path == creds+DatabaseRole:
		f.lend(w, path, token, now)
	case strings.HasPrefix(path, creds):
		refuse(w, http.StatusForbidden, "1 error occurred:\n\t* permission denied\n\n")
	case strings.HasPrefix(path, renew):
		f.renewLease(w, strings.TrimPrefix(path, renew), now, body)
	case strings.HasPrefix(path, revoke):
		f.endLeases(func(id string, _ lease) bool { return id == strings.TrimPrefix(path, revoke) })
		w.WriteHeader(http.StatusNoContent)
	default:
		refuse(w, http.StatusNotFound, "no handler for route "+name)
	}
}

func (f *Fake) lend(w http.ResponseWriter, path, token string, now time.Time) {
	username, password := "v-"+strings.ToLower(rand.Text()), rand.Text()
	if f.lender.Create != nil {
		if err := f.lender.Create(username, password); err != nil {
			refuse(w, http.StatusInternalServerError, "1 error occurred:\n\t* failed to create user\n\n")
			return
		}
	}
	id := path + "/" + rand.Text()
	f.leases[id] = lease{username: username, token: token, lastEnd: now.Add(f.life.max)}
	answer(w, api.Secret{
		LeaseID: id, LeaseDuration: int(f.life.ttl.Seconds()), Renewable: true,
		Data: map[string]any{"username": username, "password": password},
	})
}

func (f *Fake) renewLease(w http.ResponseWriter, id string, now time.Time, body map[string]any) {
	known, ok := f.leases[id]
	if !ok {
		refuse(w, http.StatusBadRequest, "lease not found")
		return
	}
	left := known.lastEnd.Sub(now)
	if left <= 0 {
		refuse(w, http.StatusBadRequest, "past the max TTL, cannot renew")
		return
	}
	increment, _ := body["increment"].(float64)
	left = min(left, time.Duration(increment)*time.Second)
	answer(w, api.Secret{LeaseID: id, LeaseDuration: int(left.Round(time.Second).Seconds()), Renewable: true})
}

// endLeases drops the logins of some leases.
func (f *Fake) endLeases(which func(id string, l lease) bool) {
	for id, l := range f.leases {
		if which(id, l) {
			delete(f.leases, id)
			if f.lender.Drop != nil {
				_ = f.lender.Drop(l.username) // as Vault, which tries again later
			}
		}
	}
}

// orphaned are the leases whose token is gone: they end with it.
func (f *Fake) orphaned(_ string, l lease) bool {
	_, alive := f.tokens[l.token]
	return !alive
}
