package api

import (
	"bytes"
	"context"
	_ "embed"
	"encoding/base64"
	"errors"
	"fmt"
	"html/template"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/hashicorp/golang-lru/v2"
	"golang.org/x/time/rate"

	"github.com/voicehive/voicehive/compliance/access"
	"github.com/voicehive/voicehive/starter"
)

// Exports hands out what guests asked for, by one-time links; *access.Desk is
// one. ErrLink is its one answer to every link that does not work.
type Exports interface {
	Redeem(ctx context.Context, token string) (*access.Download, error)
}

// exportPath is where a guest fetches a pack. The token is the only proof of who
// that is, so the address is written nowhere, as with webhooks.
const exportPath = "/v1/exports/{token}"

const (
	// triesEvery and triesBurst bound the links that one address tries: a guest
	// has one.
	triesEvery, triesBurst = 10 * time.Second, 10
	// triedAddresses is how many addresses' tries are remembered.
	triedAddresses = 4096
	// mostDownloads is how many go out at once.
	mostDownloads = 16
	// stalled is how long a download may stand still.
	stalled = 30 * time.Second
)

// exportPolicy lets the page send its own form, and nothing else.
const exportPolicy = "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"

//go:embed exports/page.html
var exportPage string

// exportTexts are title, text and button, in the order of languages, of the
// page before a download and of the one that says that there is none.
var exportTexts = map[string][3]phrase{
	"before": {
		{"Your data", "Ihre Daten", "Vos données", "Sus datos", "I Suoi dati", "Uw gegevens", "Twoje dane"},
		{
			"You can fetch the copy of your data here once, as a ZIP file. Do it on a device that is your own.",
			"Hier können Sie die Kopie Ihrer Daten einmal abholen, als ZIP-Datei. Tun Sie das auf einem eigenen Gerät.",
			"Vous pouvez récupérer ici, une seule fois, la copie de vos données sous forme de fichier ZIP. Faites-le sur un appareil qui vous appartient.",
			"Aquí puede recoger una sola vez la copia de sus datos, como archivo ZIP. Hágalo en un dispositivo propio.",
			"Qui può scaricare una sola volta la copia dei Suoi dati, come file ZIP. Lo faccia su un dispositivo Suo.",
			"Hier kunt u de kopie van uw gegevens één keer ophalen, als ZIP-bestand. Doe dat op een eigen apparaat.",
			"Tutaj możesz jeden raz pobrać kopię swoich danych jako plik ZIP. Zrób to na własnym urządzeniu.",
		},
		{"Fetch now", "Jetzt abholen", "Récupérer maintenant", "Recoger ahora", "Scarica ora", "Nu ophalen", "Pobierz teraz"},
	},
	"none": {
		{"This link does not work", "Dieser Link funktioniert nicht", "Ce lien ne fonctionne pas", "Este enlace no funciona", "Questo link non funziona", "Deze link werkt niet", "Ten link nie działa"},
		{
			"It does not work, or does no more. Please ask the hotel for another.",
			"Er funktioniert nicht oder nicht mehr. Bitte bitten Sie das Hotel um einen neuen.",
			"Il ne fonctionne pas ou plus. Veuillez en demander un autre à l’hôtel.",
			"No funciona o ya no funciona. Por favor, pida otro al hotel.",
			"Non funziona o non funziona più. Ne chieda un altro all’hotel.",
			"Hij werkt niet of niet meer. Vraag het hotel om een nieuwe.",
			"Nie działa lub już nie działa. Poproś hotel o nowy.",
		},
	},
}

// exports serves the links.
type exports struct {
	server *server
	from   Exports
	pages  map[string][]page // by name and language
	tries  *lru.Cache[string, *rate.Limiter]
	slots  chan struct{}
}

// registerExports adds the address of the links when there is somebody who
// hands packs out.
func (s *server) registerExports(from Exports) error {
	if from == nil {
		return nil
	}
	tries, _ := lru.New[string, *rate.Limiter](triedAddresses) // fails for sizes below one only
	e := &exports{server: s, from: from, pages: map[string][]page{}, tries: tries, slots: make(chan struct{}, mostDownloads)}
	t, err := template.New("export").Parse(exportPage)
	if err != nil {
		return fmt.Errorf("api: reading the page of exports: %w", err)
	}
	for name, texts := range exportTexts {
		for i, tag := range languages {
			var b bytes.Buffer
			if err := t.Execute(&b, map[string]string{"Language": tag.String(), "Title": texts[0][i], "Text": texts[1][i], "Button": texts[2][i]}); err != nil {
				return fmt.Errorf("api: writing the page of exports: %w", err)
			}
			e.pages[name] = append(e.pages[name], page{"text/html; charset=utf-8", b.Bytes()})
		}
	}
	s.mux.HandleFunc("GET "+exportPath, e.ask)
	s.mux.HandleFunc("POST "+exportPath, e.hand)
	return nil
}

// ask shows the page with the button, to everybody and for every link: looking
// at a link, as mail filters do, uses nothing up and tells nothing.
func (e *exports) ask(w http.ResponseWriter, r *http.Request) { e.show(w, r, "before", http.StatusOK) }

func (e *exports) show(w http.ResponseWriter, r *http.Request, name string, status int) {
	p := e.pages[name][chosen(r.Header.Get("Accept-Language"))]
	h := w.Header()
	h.Set("Content-Type", p.contentType)
	h.Set("Content-Security-Policy", exportPolicy)
	h.Set("Vary", "Accept-Language")
	w.WriteHeader(status)
	_, _ = w.Write(p.body)
}

// hand gives the pack out.
func (e *exports) hand(w http.ResponseWriter, r *http.Request) {
	if !e.allow(r) {
		e.server.refuse(w, r, busy("Too many links were tried from here just now; try again in a minute.", time.Minute))
		return
	}
	select {
	case e.slots <- struct{}{}:
		defer func() { <-e.slots }()
	default:
		e.server.refuse(w, r, busy("Too many downloads are under way; try again.", stalled))
		return
	}
	download, err := e.from.Redeem(r.Context(), r.PathValue("token"))
	if errors.Is(err, access.ErrLink) {
		e.none(w, r)
		return
	}
	if err != nil {
		exchangeOf(r.Context()).err = err
		e.server.refuse(w, r, starter.Unavailable.With("The copy cannot be fetched now; the link stays as it is."))
		return
	}
	exchangeOf(r.Context()).hotel = download.Hotel
	e.send(w, r, download)
}

// none is the one answer to every link that does not work.
func (e *exports) none(w http.ResponseWriter, r *http.Request) {
	if strings.Contains(r.Header.Get("Accept"), "text/html") {
		e.show(w, r, "none", http.StatusNotFound)
		return
	}
	e.server.refuse(w, r, starter.NotFound.With("This link does not work, or does no more; ask the hotel for another."))
}

// send writes the pack. A guest's line may be slow: only standing still ends it.
func (e *exports) send(w http.ResponseWriter, r *http.Request, d *access.Download) {
	h := w.Header()
	h.Set("Content-Type", "application/zip")
	h.Set("Content-Disposition", `attachment; filename="`+d.Name+`"`)
	h.Set("Content-Length", strconv.FormatInt(d.Bytes, 10))
	h.Set("Repr-Digest", "sha-256=:"+base64.StdEncoding.EncodeToString(d.SHA256)+":")
	sent, err := io.Copy(&patient{w: w, control: http.NewResponseController(w)}, d)
	whole := err == nil && sent == d.Bytes
	if err == nil {
		err = http.NewResponseController(w).Flush()
		whole = whole && err == nil
	}
	if err := errors.Join(err, d.Close(r.Context(), whole)); err != nil {
		exchangeOf(r.Context()).err = err
	}
	if !whole { // cut the connection, so that nobody takes a part for all of it
		panic(http.ErrAbortHandler)
	}
}

// patient writes as slowly as its reader reads.
type patient struct {
	w       io.Writer
	control *http.ResponseController
}

// Write implements io.Writer.
func (p *patient) Write(b []byte) (int, error) {
	// Where there is no deadline to set, none ends it.
	if err := p.control.SetWriteDeadline(time.Now().Add(stalled)); err != nil && !errors.Is(err, http.ErrNotSupported) {
		return 0, err
	}
	return p.w.Write(b)
}

// allow bounds how fast an address can try links.
func (e *exports) allow(r *http.Request) bool {
	address, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		address = r.RemoteAddr
	}
	fresh := rate.NewLimiter(rate.Every(triesEvery), triesBurst)
	limiter, known, _ := e.tries.PeekOrAdd(address, fresh)
	if !known {
		limiter = fresh
	}
	return limiter.Allow()
}

func busy(detail string, after time.Duration) *starter.Problem {
	p := starter.TooMany.With(detail)
	p.RetryAfter = after
	return p
}
