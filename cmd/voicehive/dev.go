package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/voicehive/voicehive/cmd/voicehive/internal/stack"
	"github.com/voicehive/voicehive/compliance/region"
	hotels "github.com/voicehive/voicehive/config/hotels"
	"github.com/voicehive/voicehive/connectors/credentials"
	"github.com/voicehive/voicehive/connectors/registry"
	"github.com/voicehive/voicehive/connectors/sandbox/apaleo"
	"github.com/voicehive/voicehive/internal/notify/sink"
	"github.com/voicehive/voicehive/internal/postgres"
	"github.com/voicehive/voicehive/starter/auth"
	"github.com/voicehive/voicehive/workflows/dsar"
	"github.com/voicehive/voicehive/workflows/reservation"
)

func newDev() *cobra.Command {
	var home string
	c := &cobra.Command{
		Use:   "dev",
		Short: "Run everything on this machine, and leave it running",
		Long: `Run everything on this machine until Ctrl-C: Postgres, a Temporal server with its
Web UI, an OpenID provider, a simulated hotel, a worker and the API. State is
kept under --home, so bookings are still there the next time.`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			return dev(c, home)
		},
	}
	c.Flags().StringVar(&home, "home", ".voicehive", "folder of the stack's state")
	return withJSON(c)
}

// keyLife ends the keys that a stack gives out.
const keyLife = 24 * time.Hour

// house is a running stack with the sample hotel in it.
type house struct {
	*stack.Stack
	Home  string
	Hotel registry.Hotel
	// Key is an API key of a call platform for the hotel.
	Key string
	// Mailbox is the page with the messages to guests, "" without one.
	Mailbox string
	// mailbox is what receives them, nil when that is no matter of this house.
	mailbox *sink.Sink
}

// raise starts a stack with the sample hotel, a worker and the API.
func raise(ctx context.Context, o stack.Options) (*house, error) {
	o.SearchAttributes = nil
	attributes := reservation.SearchAttributes()
	maps.Copy(attributes, dsar.SearchAttributes())
	for name, kind := range attributes {
		o.SearchAttributes = append(o.SearchAttributes, name+"="+kind.String())
	}
	if o.Progress == nil {
		o.Progress = func(string) {}
	}
	var err error
	if o.Home, err = filepath.Abs(o.Home); err != nil {
		return nil, fmt.Errorf("find the home folder: %w", err)
	}
	if o.Voicehive, o.Devstack, err = binaries(); err != nil {
		return nil, err
	}
	if o.Dial, err = dialAround(ctx); err != nil {
		return nil, err
	}
	s, err := stack.Start(ctx, o)
	if err != nil {
		return nil, err
	}
	h := &house{Stack: s, Home: o.Home}
	if err := h.furnish(ctx, o); err != nil {
		s.Close()
		return nil, err
	}
	return h, nil
}

// dialAround is how a stack reaches databases that it does not run itself: none
// of the settings around it may lead out of the EU.
func dialAround(ctx context.Context) (postgres.DialFunc, error) {
	if os.Getenv("DATABASE_URL") == "" {
		return nil, nil
	}
	p, err := openBase(os.Getenv)
	if err != nil {
		return nil, err
	}
	defer p.close()
	if _, err := p.startGuard(ctx, os.Getenv); err != nil {
		return nil, err
	}
	return p.guard.For(region.Database).DialContext, nil
}

// furnish registers the sample hotel and its credentials, and starts the
// processes that need them.
func (h *house) furnish(ctx context.Context, o stack.Options) error {
	o.Progress("Sample hotel: registry entry, credentials and an API key")
	if err := h.register(ctx); err != nil {
		return err
	}
	o.Progress("Worker: workflows and activities")
	if _, err := h.StartWorker(ctx); err != nil {
		return err
	}
	o.Progress("API")
	return h.StartAPI(ctx)
}

func (h *house) register(ctx context.Context) error {
	p, err := openStoresIn(ctx, "dev", h.setting)
	if err != nil {
		return err
	}
	defer p.close()
	if h.Hotel, err = registry.Parse(hotels.Aurora); err != nil {
		return fmt.Errorf("the sample hotel: %w", err)
	}
	h.Hotel.Endpoints = map[string]string{"api": h.Sandbox, "identity": h.Sandbox, "webhook": h.Sandbox}
	if h.setting("VOICEHIVE_SMTP") == "" {
		// Where nobody receives messages, none shall wait for it.
		h.Hotel.Messages = registry.Messages{}
	}
	store, err := p.openCredentials()
	if err != nil {
		return err
	}
	err = store.Put(ctx, h.Hotel.CredentialsRef, credentials.Credentials{
		ClientID: apaleo.DefaultClientID, ClientSecret: credentials.NewSecret(apaleo.DefaultClientSecret),
	})
	if err != nil {
		return err
	}
	if err := p.addHotel(ctx, h.Hotel); err != nil {
		return err
	}
	keys, err := p.apiKeys(ctx)
	if err != nil {
		return err
	}
	h.Key, _, err = keys.Issue(ctx, auth.KeyRequest{
		Name: "call platform of the sample hotel", Hotels: []string{h.Hotel.ID},
		Roles: []auth.Role{auth.RoleAgent}, ExpiresAt: time.Now().Add(keyLife),
	})
	return err
}

// setting reads a setting as the stack's processes see it.
func (h *house) setting(name string) string {
	for _, pair := range h.Env() {
		if value, ok := strings.CutPrefix(pair, name+"="); ok {
			return value
		}
	}
	return os.Getenv(name)
}

// binaries finds this binary and the development stack beside it.
func binaries() (voicehive, devstack string, err error) {
	// Tests raise the stack from a binary of their own.
	if voicehive = os.Getenv("VOICEHIVE_BINARY"); voicehive == "" {
		if voicehive, err = os.Executable(); err != nil {
			return "", "", fmt.Errorf("find this binary: %w", err)
		}
	}
	devstack = os.Getenv("VOICEHIVE_DEVSTACK")
	if devstack == "" {
		devstack = filepath.Join(filepath.Dir(voicehive), "devstack")
	}
	if _, err := os.Stat(devstack); err != nil {
		return "", "", errors.New("the development stack is not built; run `make build`, or set VOICEHIVE_DEVSTACK to its binary")
	}
	return voicehive, devstack, nil
}

func dev(c *cobra.Command, home string) error {
	ctx := c.Context()
	mailbox, settings, err := openMailbox(home)
	if err != nil {
		return err
	}
	defer mailbox.Close()
	h, err := raise(ctx, stack.Options{Home: home, UI: true, WorkerArgs: []string{"--schedules"}, Env: settings, Progress: progress(c.ErrOrStderr())})
	if err != nil {
		return err
	}
	defer h.Close()
	h.Mailbox = mailbox.PageURL()
	if err := h.subscribe(ctx); err != nil {
		return err
	}
	addresses := map[string]string{
		"api": h.API, "docs": h.API + "/docs", "temporal_ui": h.UI, "codec": h.API + "/codec/", "console": h.API + consolePath + "/", "temporal": h.Temporal, "sandbox": h.Sandbox,
		"openid": h.Issuer, "database": h.Database, "keys_database": h.KeysDatabase, "hotel": h.Hotel.ID, "key": h.Key,
		"messages": h.Mailbox, "logs": filepath.Join(h.Home, "logs"),
	}
	err = show(c, addresses, func(w io.Writer) { h.print(w) })
	if err != nil {
		return err
	}
	if name := h.Failed(ctx); name != "" {
		return fmt.Errorf("%s ended by itself; look at %s", name, filepath.Join(h.Home, "logs", name+".log"))
	}
	fmt.Fprintln(c.ErrOrStderr(), "\nEnding everything.")
	return nil
}

// openMailbox receives messages to guests in place of a relay and a gateway,
// and returns the settings that send them there.
func openMailbox(home string) (*sink.Sink, []string, error) {
	if err := os.MkdirAll(home, 0o700); err != nil {
		return nil, nil, fmt.Errorf("make the home folder: %w", err)
	}
	key, err := filepath.Abs(filepath.Join(home, "sms.key"))
	if err == nil {
		// The gateway that it stands in for wants one; any will do here.
		err = os.WriteFile(key, []byte("development"), 0o600)
	}
	if err != nil {
		return nil, nil, fmt.Errorf("write the key of the SMS gateway's stand-in: %w", err)
	}
	mailbox, err := sink.Start(sink.Options{})
	if err != nil {
		return nil, nil, err
	}
	return mailbox, []string{
		"VOICEHIVE_SMTP=" + mailbox.MailURL(), "VOICEHIVE_MAIL_FROM=post@hotel.example",
		"VOICEHIVE_SMS=" + mailbox.SMSURL(), "VOICEHIVE_SMS_KEY_FILE=" + key,
	}, nil
}

// subscribe has the simulated hotel system post its events to the API, so that
// what happens there shows at once.
func (h *house) subscribe(ctx context.Context) error {
	p, err := openStoresIn(ctx, "dev", h.setting)
	if err != nil {
		return err
	}
	defer p.close()
	_, conn, store, err := p.subscriber(ctx, h.Hotel.ID)
	if err != nil {
		return err
	}
	_, err = store.Subscribe(ctx, conn, h.Hotel.ID, h.Hotel.Vendor, h.API)
	return err
}

// progress prints a line a step, with the time since the start.
func progress(w io.Writer) func(string) {
	began := time.Now()
	return func(step string) { fmt.Fprintf(w, "%6.1fs  %s\n", time.Since(began).Seconds(), step) }
}

func (h *house) print(w io.Writer) {
	fmt.Fprintf(w, "\nVoiceHive is running. Ctrl-C ends all of it.\n\n")
	table(w,
		[]string{"  API", h.API, "docs at " + h.API + "/docs"},
		[]string{"  Temporal UI", h.UI, "namespace voicehive; payloads are sealed"},
		[]string{"  Codec", h.API + "/codec/", "log in there to read payloads in the Temporal UI"},
		[]string{"  Console", h.API + consolePath + "/", "the compliance officer's desk; log in as compliance"},
		[]string{"  Temporal", h.Temporal, ""},
		[]string{"  Hotel system", h.Sandbox, "Apaleo, simulated; state at /sandbox/v1/state"},
		[]string{"  OpenID", h.Issuer, "anyone may log in as anyone"},
		[]string{"  Postgres", h.Database, "DATABASE_URL: ledger and registry"},
		[]string{"  ", h.KeysDatabase, "KEYS_DATABASE_URL: keys"},
		[]string{"  Messages", h.Mailbox, "what guests would read; none leaves this machine"},
		[]string{"  Logs", filepath.Join(h.Home, "logs"), ""},
	)
	fmt.Fprintf(w, `
Try it in another terminal:

  export VOICEHIVE_API=%s VOICEHIVE_HOTEL=%s VOICEHIVE_KEY=%s
  bin/voicehive availability --arrival %s --nights 2
  curl -s -H "Authorization: Bearer $VOICEHIVE_KEY" "$VOICEHIVE_API/v1/hotels/$VOICEHIVE_HOTEL/availability?arrival=%s&departure=%s&adults=2"
`, h.API, h.Hotel.ID, h.Key, inDays(30), inDays(30), inDays(32))
}

func inDays(n int) string { return time.Now().AddDate(0, 0, n).Format(time.DateOnly) }
