package api

import (
	"context"
	"encoding/base64"
	"encoding/hex"
	"io"
	"net/http"
	"strconv"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"github.com/voicehive/voicehive/starter"
	"github.com/voicehive/voicehive/starter/auth"
)

// Packs lists and hands out packs of evidence, for compliance officers.
// *starter.Packs is one. Its errors are *starter.Problem.
type Packs interface {
	List(ctx context.Context, hotel, before string) (starter.PackList, error)
	Open(ctx context.Context, hotel, subject, id string) (*starter.OutgoingPack, error)
}

const packsBase = "/v1/hotels/{hotel}/evidence"

// checkTime bounds the reading and checking of a pack before any of it is sent.
const checkTime = 60 * time.Second

type packsInput struct {
	HotelPath
	Before string `query:"before" maxLength:"26" doc:"The packs before this one: the list's next"`
}

// PackPath names a pack in an address.
type PackPath struct {
	HotelPath
	Pack string `path:"pack" minLength:"26" maxLength:"26" doc:"The pack's id"`
}

// registerPacks adds the routes of packs of evidence when somebody keeps them.
func (s *server) registerPacks(desk Packs) {
	if desk == nil {
		return
	}
	officers := []auth.Role{auth.RoleCompliance}
	register(s, route{
		method: http.MethodGet, path: packsBase, id: "evidence-packs", roles: officers,
		summary: "List packs of evidence", description: "The packs that are kept, the newest first, each with its digest, period and what its controls say.", answer: examplePacks,
	}, func(ctx context.Context, in *packsInput) (*told[starter.PackList], error) {
		return answered(ctx, func(ctx context.Context) (starter.PackList, error) { return desk.List(ctx, in.Hotel, in.Before) })
	})
	file := route{
		method: http.MethodGet, path: packsBase + "/{pack}", id: "evidence-pack", roles: officers,
		summary:     "Fetch a pack of evidence",
		description: "The pack as a ZIP file. It is compared with its digest before any of it is sent, and the download stands in the audit log.",
		problems:    []starter.Kind{starter.UnknownPack, starter.PackDamaged, starter.TooMany},
	}
	register(s, file, func(ctx context.Context, in *PackPath) (*huma.StreamResponse, error) {
		ctx, cancel := context.WithTimeout(ctx, checkTime)
		defer cancel()
		pack, err := desk.Open(ctx, in.Hotel, exchangeOf(ctx).subject, in.Pack)
		if err != nil {
			return nil, err
		}
		return &huma.StreamResponse{Body: func(ctx huma.Context) { sendPack(ctx, pack) }}, nil
	})
	answer := s.huma.OpenAPI().Paths[file.path].Get.Responses["200"]
	answer.Content = map[string]*huma.MediaType{zipType: {Schema: &huma.Schema{Type: huma.TypeString, Format: "binary"}}}
}

const zipType = "application/zip"

// sendPack writes a pack as slowly as its reader reads.
func sendPack(ctx huma.Context, pack *starter.OutgoingPack) {
	defer func() { _ = pack.Close() }() // a file that is thrown away
	_, w := humago.Unwrap(ctx)
	h := w.Header()
	h.Set("Content-Type", zipType)
	h.Set("Content-Disposition", `attachment; filename="`+pack.Name()+`"`)
	h.Set("Content-Length", strconv.FormatInt(pack.Bytes, 10))
	if digest, err := hex.DecodeString(pack.SHA256); err == nil {
		h.Set("Repr-Digest", "sha-256=:"+base64.StdEncoding.EncodeToString(digest)+":")
	}
	w.WriteHeader(http.StatusOK)
	if sent, err := io.Copy(&patient{w: w, control: http.NewResponseController(w)}, pack); err != nil || sent != pack.Bytes {
		panic(http.ErrAbortHandler) // so that nobody takes a part for all of it
	}
}

// Examples for the documentation.
const examplePacks = `{"packs": [{
  "pack": "01JD3ZG0000000000000000000", "hotel": "alpenhof", "from": "2026-10-01T00:00:00Z", "until": "2026-11-01T00:00:00Z", "made_by": "schedule",
  "kept_at": "2026-11-01T02:00:00Z", "keep_until": "2029-11-01T02:00:00Z", "bytes": 182044,
  "sha256": "7a3e0000000000000000000000000000000000000000000000000000000000bb", "satisfied": 30, "not_satisfied": 0, "not_tested": 6
}]}`
