package codec

import (
	"fmt"
	"net/http"
	"net/url"

	"github.com/voicehive/voicehive/starter"
)

// preflightAge is how long a browser may remember what is allowed, in seconds.
const preflightAge = "600"

// exactOrigins checks the origins' form. A wildcard is none.
func exactOrigins(list []string) (map[string]bool, error) {
	all := make(map[string]bool, len(list))
	for _, origin := range list {
		u, err := url.Parse(origin)
		if err != nil || (u.Scheme != "https" && u.Scheme != "http") || u.Host == "" || origin != u.Scheme+"://"+u.Host {
			return nil, fmt.Errorf("codec: %q is not the origin of a Web UI; write it like https://temporal.example.com, without a path", origin)
		}
		all[origin] = true
	}
	return all, nil
}

// shared lets pages of the known origins use a handler, and no other page.
// Programs send no origin; they have no browser whose user could be misled.
func (s *server) shared(next http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		origin := r.Header.Get("Origin")
		if origin != "" && !s.origins[origin] {
			s.refuse(w, r, starter.Forbidden.With("Pages of this origin may not ask here; an administrator can add it to VOICEHIVE_CODEC_ORIGINS."))
			return
		}
		h := w.Header()
		if origin != "" {
			h.Set("Access-Control-Allow-Origin", origin)
			if s.session != nil {
				h.Set("Access-Control-Allow-Credentials", "true")
			}
		}
		switch r.Method {
		case http.MethodPost:
			next(w, r)
		case http.MethodOptions:
			h.Set("Access-Control-Allow-Methods", "POST")
			h.Set("Access-Control-Allow-Headers", "Authorization, Authorization-Extras, Content-Type, X-Namespace")
			h.Set("Access-Control-Max-Age", preflightAge)
			w.WriteHeader(http.StatusNoContent)
		default:
			h.Set("Allow", "POST, OPTIONS")
			s.refuse(w, r, methodNotAllowed.With("Post the payloads."))
		}
	}
}
