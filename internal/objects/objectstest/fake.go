package objectstest

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/xml"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
)

// A Fake is an S3 server in memory, with as much of S3 as package objects uses.
// It checks signatures and checksums, as a real one does.
type Fake struct {
	url   string
	mu    sync.Mutex
	kinds map[string]Kind
	// versions by bucket and key, the newest first.
	versions map[string]map[string][]*stored
	last     int
}

var _ Server = (*Fake)(nil)

type stored struct {
	id      string
	content []byte
	header  http.Header // metadata and lock
	marker  bool
}

// NewFake starts a server that ends with the test.
func NewFake(t testing.TB) *Fake {
	f := &Fake{kinds: map[string]Kind{}, versions: map[string]map[string][]*stored{}}
	server := httptest.NewServer(f)
	t.Cleanup(server.Close)
	f.url = server.URL
	return f
}

// Endpoint implements Server.
func (f *Fake) Endpoint() string { return f.url }

// Login implements Server.
func (f *Fake) Login() aws.Credentials {
	return aws.Credentials{AccessKeyID: "fake", SecretAccessKey: "fake-and-secret"}
}

// MakeBucket implements Server.
func (f *Fake) MakeBucket(_ testing.TB, name string, kind Kind) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.kinds[name], f.versions[name] = kind, map[string][]*stored{}
}

type problem struct {
	XMLName xml.Name `xml:"Error"`
	Code    string
	Message string
	status  int
}

func refuse(status int, code string) *problem {
	return &problem{Code: code, Message: "The fake refuses.", status: status}
}

// ServeHTTP implements http.Handler.
func (f *Fake) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return // it was cut off: nothing is stored
	}
	p := f.authentic(r, body)
	if p == nil {
		p = f.serve(w, r, body)
	}
	if p != nil {
		w.Header().Set("Content-Type", "application/xml")
		w.WriteHeader(p.status)
		_ = xml.NewEncoder(w).Encode(p)
	}
}

// authentic signs the request again, as the one who may.
func (f *Fake) authentic(r *http.Request, body []byte) *problem {
	claimed := r.Header.Get("Authorization")
	if !strings.Contains(claimed, "Credential="+f.Login().AccessKeyID+"/") {
		return refuse(http.StatusForbidden, "InvalidAccessKeyId")
	}
	_, names, _ := strings.Cut(claimed, "SignedHeaders=")
	names, _, _ = strings.Cut(names, ",")
	again := r.Clone(r.Context())
	again.URL.Scheme, again.URL.Host, again.Header = "http", r.Host, http.Header{}
	again.ContentLength = 0
	for _, name := range strings.Split(names, ";") {
		switch name {
		case "host":
		case "content-length":
			again.ContentLength = int64(len(body))
		default:
			again.Header[http.CanonicalHeaderKey(name)] = r.Header.Values(name)
		}
	}
	at, _ := time.Parse("20060102T150405Z", r.Header.Get("X-Amz-Date"))
	payload := fmt.Sprintf("%x", sha256.Sum256(body))
	err := v4.NewSigner().SignHTTP(context.Background(), f.Login(), again, payload, "s3", Region, at,
		func(o *v4.SignerOptions) { o.DisableURIPathEscaping = true })
	if err != nil || again.Header.Get("Authorization") != claimed {
		return refuse(http.StatusForbidden, "SignatureDoesNotMatch")
	}
	return nil
}

func (f *Fake) serve(w http.ResponseWriter, r *http.Request, body []byte) *problem {
	f.mu.Lock()
	defer f.mu.Unlock()
	bucket, key, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
	objects := f.versions[bucket]
	query := r.URL.Query()
	switch {
	case objects == nil:
		return refuse(http.StatusNotFound, "NoSuchBucket")
	case key == "" && query.Has("object-lock"):
		return f.lock(w, bucket)
	case key == "" && query.Has("versions"):
		return list(w, objects, bucket, query.Get("prefix"), query.Get("key-marker"), query.Get("version-id-marker"))
	case query.Has("retention"):
		return retained(w, objects[key], query.Get("versionId"))
	case r.Method == http.MethodPut:
		return f.put(w, r, bucket, key, body)
	case r.Method == http.MethodGet, r.Method == http.MethodHead:
		return read(w, objects[key], query.Get("versionId"))
	case r.Method == http.MethodDelete:
		return f.remove(bucket, key, query.Get("versionId"))
	}
	return refuse(http.StatusNotImplemented, "NotImplemented")
}

func (f *Fake) lock(w http.ResponseWriter, bucket string) *problem {
	if f.kinds[bucket] != Locked {
		return refuse(http.StatusNotFound, "ObjectLockConfigurationNotFoundError")
	}
	_, _ = io.WriteString(w, "<ObjectLockConfiguration><ObjectLockEnabled>Enabled</ObjectLockEnabled></ObjectLockConfiguration>")
	return nil
}

func (f *Fake) put(w http.ResponseWriter, r *http.Request, bucket, key string, body []byte) *problem {
	all := f.versions[bucket][key]
	sum := sha256.Sum256(body)
	claimed := r.Header.Get("X-Amz-Checksum-Sha256")
	switch {
	case r.Header.Get("If-None-Match") == "*" && len(all) > 0 && !all[0].marker:
		return refuse(http.StatusPreconditionFailed, "PreconditionFailed")
	case claimed != "" && claimed != base64.StdEncoding.EncodeToString(sum[:]):
		return refuse(http.StatusBadRequest, "BadDigest")
	case r.Header.Get("X-Amz-Object-Lock-Mode") != "" && f.kinds[bucket] != Locked:
		return refuse(http.StatusBadRequest, "InvalidRequest")
	}
	kept := http.Header{}
	for name, values := range r.Header {
		if strings.HasPrefix(name, "X-Amz-Meta-") || strings.HasPrefix(name, "X-Amz-Object-Lock-") {
			kept[name] = values
		}
	}
	v := &stored{id: f.id(bucket), content: body, header: kept}
	if f.kinds[bucket] == Plain {
		all = nil
	}
	f.versions[bucket][key] = append([]*stored{v}, all...)
	w.Header().Set("X-Amz-Version-Id", v.id)
	return nil
}

func (f *Fake) id(bucket string) string {
	if f.kinds[bucket] == Plain {
		return "null"
	}
	f.last++
	return fmt.Sprintf("v%d", f.last)
}

func read(w http.ResponseWriter, all []*stored, id string) *problem {
	for i, v := range all {
		switch {
		case id == "" && i == 0 && v.marker:
			return refuse(http.StatusNotFound, "NoSuchKey")
		case id == "" || v.id == id:
			for name, values := range v.header {
				w.Header()[name] = values
			}
			w.Header().Set("X-Amz-Version-Id", v.id)
			w.Header().Set("Content-Length", fmt.Sprint(len(v.content)))
			_, _ = w.Write(v.content)
			return nil
		}
	}
	if id != "" {
		return refuse(http.StatusNotFound, "NoSuchVersion")
	}
	return refuse(http.StatusNotFound, "NoSuchKey")
}

func retained(w http.ResponseWriter, all []*stored, id string) *problem {
	at := slices.IndexFunc(all, func(v *stored) bool { return v.id == id })
	if at < 0 || all[at].header.Get("X-Amz-Object-Lock-Mode") == "" {
		return refuse(http.StatusNotFound, "NoSuchObjectLockConfiguration")
	}
	fmt.Fprintf(w, "<Retention><Mode>%s</Mode><RetainUntilDate>%s</RetainUntilDate></Retention>",
		all[at].header.Get("X-Amz-Object-Lock-Mode"), all[at].header.Get("X-Amz-Object-Lock-Retain-Until-Date"))
	return nil
}

func (f *Fake) remove(bucket, key, id string) *problem {
	all := f.versions[bucket][key]
	if id == "" && f.kinds[bucket] != Plain {
		f.versions[bucket][key] = append([]*stored{{id: f.id(bucket), marker: true}}, all...)
		return nil
	}
	at := slices.IndexFunc(all, func(v *stored) bool { return id == "" || v.id == id })
	if at < 0 {
		return nil
	}
	if all[at].header.Get("X-Amz-Object-Lock-Mode") != "" {
		return refuse(http.StatusForbidden, "AccessDenied")
	}
	f.versions[bucket][key] = slices.Delete(all, at, at+1)
	return nil
}
