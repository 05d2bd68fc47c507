// Package vaulttest is what a client of Vault must do, as tests that run on any
// Vault, and a fake one for machines that have none.
//
// The fake answers exactly the paths that internal/vault uses. It is trusted
// because the same tests pass on it and on a real Vault: the module in the
// folder vaulttest at the root of the repository runs them there. For tests
// only.
package vaulttest

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/hashicorp/vault/api"
)

// A Fake is a Vault with one KV engine, one Transit engine, one database engine,
// AppRole and Kubernetes logins.
type Fake struct {
	// URL is where it listens, on loopback.
	URL string

	mu      sync.Mutex
	server  *httptest.Server // nil while it is gone
	trouble Trouble
	over    chan struct{} // closed when the trouble changes
	down    bool
	passed  [][]byte // secrets that came or went: see Secrets
	issued  int
	logins  int
	roles   map[string]role  // by role id
	tokens  map[string]token // by token
	entries map[string]*entry

	transitKeys map[string]*transitKey // by name

	lender Lender
	life   leaseLife
	leases map[string]lease // by id
}

type role struct {
	secret   string
	ttl, max time.Duration
}

type token struct {
	ttl             time.Duration
	endsAt, lastEnd time.Time // lastEnd: no renewal goes beyond
}

type entry struct {
	versions []version
}

type version struct {
	data    map[string]any
	created time.Time
	deleted time.Time
}

// NewFake starts a fake that ends with the test.
func NewFake(t testing.TB) *Fake {
	f := &Fake{
		roles: map[string]role{}, tokens: map[string]token{}, entries: map[string]*entry{},
		transitKeys: map[string]*transitKey{},
		leases:      map[string]lease{}, life: leaseLife{time.Hour, 24 * time.Hour},
		over: make(chan struct{}),
	}
	f.listen(t)
	t.Cleanup(func() { f.Become(t, Gone) })
	return f
}

// ServeHTTP implements http.Handler.
func (f *Fake) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f.dawdle(r.Context())
	f.mu.Lock()
	defer f.mu.Unlock()
	var body map[string]any
	_ = json.NewDecoder(r.Body).Decode(&body)
	path := strings.TrimPrefix(r.URL.Path, "/v1/")
	switch {
	case f.down:
		panic(http.ErrAbortHandler)
	case f.trouble == Sealed:
		refuse(w, http.StatusServiceUnavailable, "Vault is sealed")
	case strings.HasPrefix(path, "auth/approle/login"):
		f.logIn(w, text(body, "role_id"), text(body, "secret_id"), "invalid role or secret ID")
	case strings.HasPrefix(path, "auth/kubernetes/login"):
		f.logIn(w, text(body, "role"), text(body, "jwt"), "invalid role name")
	default:
		f.authorized(w, r, path, body)
	}
}

func (f *Fake) logIn(w http.ResponseWriter, name, secret, refusal string) {
	wanted, ok := f.roles[name]
	if !ok || wanted.secret != secret {
		refuse(w, http.StatusBadRequest, refusal)
		return
	}
	f.logins++
	f.issued++
	id, now := fmt.Sprintf("hvs.fake%d", f.issued), time.Now()
	f.passed = append(f.passed, []byte(secret), []byte(id))
	f.tokens[id] = token{ttl: wanted.ttl, endsAt: now.Add(wanted.ttl), lastEnd: now.Add(wanted.max)}
	answer(w, api.Secret{Auth: &api.SecretAuth{ClientToken: id, LeaseDuration: int(wanted.ttl.Seconds()), Renewable: true}})
}

// authorized serves what needs a token.
func (f *Fake) authorized(w http.ResponseWriter, r *http.Request, path string, body map[string]any) {
	id, now := r.Header.Get("X-Vault-Token"), time.Now()
	known, ok := f.tokens[id]
	if !ok || now.After(known.endsAt) {
		refuse(w, http.StatusForbidden, "permission denied")
		return
	}
	switch path {
	case "auth/token/lookup-self":
		answer(w, api.Secret{Data: map[string]any{"ttl": int(known.endsAt.Sub(now).Seconds()), "renewable": true, "id": id}})
	case "auth/token/renew-self":
		known.endsAt = now.Add(known.ttl)
		if known.endsAt.After(known.lastEnd) {
			known.endsAt = known.lastEnd
		}
		f.tokens[id] = known
		answer(w, api.Secret{Auth: &api.SecretAuth{ClientToken: id, LeaseDuration: int(known.endsAt.Sub(now).Round(time.Second).Seconds()), Renewable: true}})
	case "auth/token/revoke-self":
		delete(f.tokens, id)
		f.endLeases(f.orphaned)
		w.WriteHeader(http.StatusNoContent)
	default:
		f.engine(w, r, path, body)
	}
}

// engine serves what is mounted.
func (f *Fake) engine(w http.ResponseWriter, r *http.Request, path string, body map[string]any) {
	switch mount, _, _ := strings.Cut(path, "/"); mount {
	case TransitMount:
		f.transit(w, r, path, body)
	case DatabaseMount, "sys":
		f.database(w, path, r.Header.Get("X-Vault-Token"), body)
	default:
		f.kv(w, r, path, body)
	}
}

// kv serves the one KV engine, mounted at Mount. The policy of every role
// allows what is below Allowed.
func (f *Fake) kv(w http.ResponseWriter, r *http.Request, path string, body map[string]any) {
	kind, name, _ := strings.Cut(strings.TrimPrefix(path, Mount+"/"), "/")
	list := r.Method == "LIST" || r.URL.Query().Get("list") == "true"
	if !strings.HasPrefix(name+"/", Allowed+"/") {
		refuse(w, http.StatusForbidden, "1 error occurred:\n\t* permission denied\n\n")
		return
	}
	switch found := f.entries[name]; {
	case kind == "metadata" && list:
		f.list(w, strings.TrimSuffix(name, "/")+"/")
	case kind == "data" && r.Method != http.MethodGet:
		f.write(w, name, body)
	case kind == "metadata" && r.Method == http.MethodDelete:
		delete(f.entries, name)
		w.WriteHeader(http.StatusNoContent)
	case found == nil:
		refuse(w, http.StatusNotFound)
	case kind == "metadata":
		versions := map[string]any{}
		for i, v := range found.versions {
			versions[strconv.Itoa(i+1)] = v.metadata(i + 1)
		}
		answer(w, api.Secret{Data: map[string]any{
			"current_version": len(found.versions), "oldest_version": 1, "max_versions": 0, "cas_required": false,
			"created_time": stamp(found.versions[0].created), "updated_time": stamp(found.versions[len(found.versions)-1].created),
			"delete_version_after": "0s", "custom_metadata": nil, "versions": versions,
		}})
	default:
		newest := found.versions[len(found.versions)-1]
		if !newest.deleted.IsZero() {
			w.WriteHeader(http.StatusNotFound)
		}
		answer(w, api.Secret{Data: map[string]any{"data": newest.data, "metadata": newest.metadata(len(found.versions))}})
	}
}

func (f *Fake) write(w http.ResponseWriter, name string, body map[string]any) {
	found := f.entries[name]
	if found == nil {
		found = &entry{}
	}
	options, _ := body["options"].(map[string]any)
	if after, ok := options["cas"].(float64); ok && int(after) != len(found.versions) {
		refuse(w, http.StatusBadRequest, "check-and-set parameter did not match the current version")
		return
	}
	data, _ := body["data"].(map[string]any)
	found.versions = append(found.versions, version{data: data, created: time.Now()})
	f.entries[name] = found
	answer(w, api.Secret{Data: found.versions[len(found.versions)-1].metadata(len(found.versions))})
}

func (f *Fake) list(w http.ResponseWriter, folder string) {
	var keys []string
	for name := range f.entries {
		if rest, ok := strings.CutPrefix(name, folder); ok {
			head, _, deeper := strings.Cut(rest, "/")
			if deeper {
				head += "/"
			}
			if !slices.Contains(keys, head) {
				keys = append(keys, head)
			}
		}
	}
	if len(keys) == 0 {
		refuse(w, http.StatusNotFound)
		return
	}
	answer(w, api.Secret{Data: map[string]any{"keys": keys}})
}

func (v version) metadata(number int) map[string]any {
	return map[string]any{
		"version": number, "created_time": stamp(v.created), "deletion_time": stamp(v.deleted), "destroyed": false, "custom_metadata": nil,
	}
}

// stamp writes a time as Vault does; none is empty.
func stamp(at time.Time) string {
	if at.IsZero() {
		return ""
	}
	return at.UTC().Format(time.RFC3339Nano)
}

func text(body map[string]any, name string) string {
	value, _ := body[name].(string)
	return value
}

func refuse(w http.ResponseWriter, status int, errors ...string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(map[string]any{"errors": append([]string{}, errors...)})
}

func answer(w http.ResponseWriter, secret api.Secret) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(secret)
}
