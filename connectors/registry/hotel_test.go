package registry

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"gopkg.in/yaml.v3"

	"github.com/voicehive/voicehive/connectors/pms"
	"github.com/voicehive/voicehive/internal/notify"
)

const sample = "../../config/hotels/hotel-aurora.yaml"

func TestEverySampleHotelIsValid(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("../../config/hotels/*.yaml")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	for _, file := range files {
		_, err := ParseFile(file)
		require.NoError(t, err)
	}
}

func TestParseRefuses(t *testing.T) {
	t.Parallel()
	document, err := os.ReadFile(sample)
	require.NoError(t, err)
	valid := string(document)
	for name, test := range map[string]struct{ document, want string }{
		"nothing":         {"", "empty"},
		"too much":        {valid + strings.Repeat("#", maxFile), "64 KiB"},
		"unknown field":   {valid + "\nstars: 5\n", "stars"},
		"repeated field":  {valid + "\nid: other\n", "already defined"},
		"two documents":   {valid + "\n---\nid: other\n", "one document"},
		"another type":    {"[1, 2]", "cannot unmarshal"},
		"no YAML":         {"id: [", "did not find"},
		"settable moment": {valid + "\nupdatedat: 2026-01-01\n", "updatedat"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := Parse([]byte(test.document))
			require.ErrorIs(t, err, ErrInvalid)
			require.ErrorContains(t, err, test.want)
		})
	}
}

func TestMissingFileIsNamed(t *testing.T) {
	t.Parallel()
	_, err := ParseFile("no-such-file.yaml")
	require.ErrorIs(t, err, os.ErrNotExist)
	require.ErrorContains(t, err, "no-such-file.yaml")
}

func TestEveryFieldIsValidated(t *testing.T) {
	t.Parallel()
	many := map[string]pms.RoomTypeID{}
	for i := range maxItems + 1 {
		many[strings.Repeat("a", i+1)] = "x"
	}
	for _, test := range []struct {
		name   string
		change func(*Hotel)
		field  string // "" when the change is fine
	}{
		{"as it is", func(*Hotel) {}, ""},
		{"no id", func(h *Hotel) { h.ID = "" }, "id"},
		{"id in capitals", func(h *Hotel) { h.ID = "Aurora" }, "id"},
		{"id with a line end", func(h *Hotel) { h.ID = "aurora\n" }, "id"},
		{"id of all hotels", func(h *Hotel) { h.ID = System }, "id"},
		{"no name", func(h *Hotel) { h.Name = "" }, "name"},
		{"name with control", func(h *Hotel) { h.Name = "a\x00b" }, "name"},
		{"name not UTF-8", func(h *Hotel) { h.Name = "a\xff" }, "name"},
		{"name in other letters", func(h *Hotel) { h.Name = "Отель Аврора 極光" }, ""},
		{"long name", func(h *Hotel) { h.Name = strings.Repeat("a", 101) }, "name"},
		{"vendor", func(h *Hotel) { h.Vendor = "Apaleo!" }, "vendor"},
		{"property", func(h *Hotel) { h.Property = "../x" }, "property"},
		{"no endpoints", func(h *Hotel) { h.Endpoints = nil }, ""},
		{"plain http", func(h *Hotel) { h.Endpoints["api"] = "http://api.example.com" }, "endpoints.api"},
		{"http by a name", func(h *Hotel) { h.Endpoints["api"] = "http://127.0.0.1.example.com" }, "endpoints.api"},
		{"http on localhost", func(h *Hotel) { h.Endpoints["api"] = "http://localhost:1" }, ""},
		{"http on IPv6 loopback", func(h *Hotel) { h.Endpoints["api"] = "http://[::1]:1" }, ""},
		{"https", func(h *Hotel) { h.Endpoints["api"] = "https://api.example.com/v1" }, ""},
		{"user in URL", func(h *Hotel) { h.Endpoints["api"] = "https://u:p@api.example.com" }, "endpoints.api"},
		{"query in URL", func(h *Hotel) { h.Endpoints["api"] = "https://api.example.com?key=1" }, "endpoints.api"},
		{"file URL", func(h *Hotel) { h.Endpoints["api"] = "file:///etc/passwd" }, "endpoints.api"},
		{"endpoint name", func(h *Hotel) { h.Endpoints["A P I"] = "https://api.example.com" }, "endpoints"},
		{"no zone", func(h *Hotel) { h.TimeZone = "" }, "time_zone"},
		{"the server's zone", func(h *Hotel) { h.TimeZone = "Local" }, "time_zone"},
		{"unknown zone", func(h *Hotel) { h.TimeZone = "Europe/Atlantis" }, "time_zone"},
		{"zone as path", func(h *Hotel) { h.TimeZone = "../../etc/passwd" }, "time_zone"},
		{"currency", func(h *Hotel) { h.Currency = "EURO" }, "currency"},
		{"currency in small", func(h *Hotel) { h.Currency = "eur" }, "currency"},
		{"country", func(h *Hotel) { h.Country = "XX" }, "country"},
		{"country in small", func(h *Hotel) { h.Country = "de" }, "country"},
		{"country of three", func(h *Hotel) { h.Country = "DEU" }, "country"},
		{"a region", func(h *Hotel) { h.Country = "EU" }, "country"},
		{"no language", func(h *Hotel) { h.Languages = nil }, "languages"},
		{"language twice", func(h *Hotel) { h.Languages = []string{"de", "de"} }, "languages"},
		{"language by name", func(h *Hotel) { h.Languages = []string{"german"} }, "languages[0]"},
		{"language with region", func(h *Hotel) { h.Languages = []string{"pt-BR"} }, ""},
		{"undetermined", func(h *Hotel) { h.Languages = []string{"und"} }, "languages[0]"},
		{"phone line", func(h *Hotel) { h.PhoneLines = []string{"030 123456"} }, "phone_lines[0]"},
		{"role", func(h *Hotel) { h.Roles = map[string][]string{"king": {"somebody"}} }, "roles"},
		{"role of nobody", func(h *Hotel) { h.Roles = map[string][]string{"agent": {""}} }, "roles.agent[0]"},
		{"phone line twice", func(h *Hotel) { h.PhoneLines = []string{"+493012345", "+493012345"} }, "phone_lines"},
		{"no credentials", func(h *Hotel) { h.CredentialsRef = "" }, "credentials_ref"},
		{"credentials as path", func(h *Hotel) { h.CredentialsRef = "a/../b" }, "credentials_ref"},
		{"credentials in a folder", func(h *Hotel) { h.CredentialsRef = "hotels/aurora" }, ""},
		{"alias in capitals", func(h *Hotel) { h.Mapping.RoomTypes["Double"] = "X" }, "mapping.room_types"},
		{"alias of nothing", func(h *Hotel) { h.Mapping.RoomTypes["double"] = "" }, "mapping.room_types"},
		{"many aliases", func(h *Hotel) { h.Mapping.RoomTypes = many }, "mapping.room_types"},
		{"no messages", func(h *Hotel) { h.Messages, h.Contact = Messages{}, Contact{} }, ""},
		{"both channels", func(h *Hotel) { h.Messages.Confirmations = "sms,email" }, ""},
		{"a channel that is none", func(h *Hotel) { h.Messages.Confirmations = "fax" }, "messages.confirmations"},
		{"a channel twice", func(h *Hotel) { h.Messages.Confirmations = "sms,sms" }, "messages.confirmations"},
		{"none and one", func(h *Hotel) { h.Messages.Confirmations = "none,email" }, "messages.confirmations"},
		{"a blank between channels", func(h *Hotel) { h.Messages.Confirmations = "email, sms" }, "messages.confirmations"},
		{"reception's phone", func(h *Hotel) { h.Contact.Phone = "030 123456" }, "contact.phone"},
		{"reception's e-mail", func(h *Hotel) { h.Contact.Email = "Reception <r@example.com>" }, "contact.email"},
		{"privacy contact", func(h *Hotel) { h.Contact.Privacy = "the lawyer" }, "contact.privacy"},
		{"postal address in lines", func(h *Hotel) { h.Contact.Address = "Lichtweg 1\n10115 Berlin" }, "contact.address"},
		{"rate plan", func(h *Hotel) { h.Mapping.RatePlans = map[string]pms.RatePlanID{" a": "X"} }, "mapping.rate_plans"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			hotel, err := ParseFile(sample)
			require.NoError(t, err)
			test.change(&hotel)
			err = hotel.Validate()
			if test.field == "" {
				require.NoError(t, err)
				return
			}
			require.ErrorIs(t, err, ErrInvalid)
			var field *FieldError
			require.ErrorAs(t, err, &field)
			require.Equal(t, test.field, field.Field)
		})
	}
}

func TestAllProblemsAreToldAtOnce(t *testing.T) {
	t.Parallel()
	err := Hotel{}.Validate()
	for _, field := range []string{"id", "name", "vendor", "property", "time_zone", "currency", "country", "languages", "credentials_ref"} {
		require.ErrorContains(t, err, field+" must")
	}
}

func TestSpokenNamesFindTheirIDs(t *testing.T) {
	t.Parallel()
	m := Mapping{
		RoomTypes: map[string]pms.RoomTypeID{"chambre double": "BER-DBL"},
		RatePlans: map[string]pms.RatePlanID{"flexible": "FLEX"},
	}
	id, ok := m.RoomType("  Chambre \t DOUBLE ")
	require.True(t, ok)
	require.EqualValues(t, "BER-DBL", id)
	_, ok = m.RoomType("suite")
	require.False(t, ok)
	plan, ok := m.RatePlan("Flexible")
	require.True(t, ok)
	require.EqualValues(t, "FLEX", plan)
}

func TestConfirmationsNameTheirChannels(t *testing.T) {
	t.Parallel()
	for written, want := range map[string][]notify.Channel{
		"": nil, "none": nil, "email": {notify.Email}, "sms": {notify.SMS},
		"email,sms": {notify.Email, notify.SMS}, "sms,email": {notify.SMS, notify.Email},
	} {
		m := Messages{Confirmations: written}
		require.Equal(t, want, m.Channels(), written)
		require.Equal(t, len(want) > 0, m.Confirm(), written)
	}
}

func TestReceptionIsCalledByItsOwnNumber(t *testing.T) {
	t.Parallel()
	h := Hotel{PhoneLines: []string{"+4930111111", "+4930222222"}}
	require.Equal(t, "+4930111111", h.Reception())
	h.Contact.Phone = "+4930333333"
	require.Equal(t, "+4930333333", h.Reception())
	require.Empty(t, Hotel{}.Reception())
}

func TestTodayIsTheHotelsOwn(t *testing.T) {
	t.Parallel()
	lateEvening := time.Date(2026, 6, 30, 22, 30, 0, 0, time.UTC)
	for zone, want := range map[string]string{"Europe/Berlin": "2026-07-01", "UTC": "2026-06-30", "America/New_York": "2026-06-30"} {
		day, err := Hotel{TimeZone: zone}.Today(lateEvening)
		require.NoError(t, err)
		require.Equal(t, want, day.String(), zone)
	}
	_, err := Hotel{ID: "x1", TimeZone: "Europe/Atlantis"}.Today(lateEvening)
	require.ErrorContains(t, err, "zone data")
}

func TestLanguageIsTheFirst(t *testing.T) {
	t.Parallel()
	require.Equal(t, "de", Hotel{Languages: []string{"de", "en"}}.Language())
	require.Equal(t, "en", Hotel{}.Language())
}

func TestCheckFindsWhatDiffers(t *testing.T) {
	t.Parallel()
	hotel := Hotel{
		Property: "BER", TimeZone: "Europe/Berlin", Currency: "EUR", Country: "DE",
		Mapping: Mapping{
			RoomTypes: map[string]pms.RoomTypeID{"double": "BER-DBL"},
			RatePlans: map[string]pms.RatePlanID{"flexible": "BER-DBL-FLEX"},
		},
	}
	catalog := pms.Catalog{
		Property: pms.Named{ID: "BER"}, TimeZone: "Europe/Berlin", Currency: "EUR", Country: "DE",
		RoomTypes: []pms.Named{{ID: "BER-DBL", Code: "DBL"}},
		RatePlans: []pms.RatePlan{{Named: pms.Named{ID: "BER-DBL-FLEX", Code: "FLEX"}}},
	}
	require.Empty(t, Check(hotel, catalog))
	require.Empty(t, Check(Hotel{Property: "X"}, pms.Catalog{}), "what the vendor does not tell is not compared")
	require.Empty(t, Check(hotel, pms.Catalog{}), "nor are lists")
	withoutPlans, withoutRooms := catalog, catalog
	withoutPlans.RatePlans, withoutRooms.RoomTypes = nil, []pms.Named{}
	require.Empty(t, Check(hotel, withoutPlans))
	require.Empty(t, Check(hotel, withoutRooms))

	for _, test := range []struct {
		name   string
		change func(*Hotel, *pms.Catalog)
		want   string
	}{
		{"property", func(h *Hotel, _ *pms.Catalog) { h.Property = "MUC" }, `property: the registry says "MUC", the hotel system says "BER"`},
		{"zone", func(_ *Hotel, c *pms.Catalog) { c.TimeZone = "Europe/Vienna" }, `time_zone: the registry says "Europe/Berlin", the hotel system says "Europe/Vienna"`},
		{"currency", func(_ *Hotel, c *pms.Catalog) { c.Currency = "CHF" }, `currency: the registry says "EUR", the hotel system says "CHF"`},
		{"country", func(_ *Hotel, c *pms.Catalog) { c.Country = "AT" }, `country: the registry says "DE", the hotel system says "AT"`},
		{"room type", func(_ *Hotel, c *pms.Catalog) { c.RoomTypes = []pms.Named{{ID: "BER-STE"}} }, `mapping.room_types.double: the hotel system does not know "BER-DBL"`},
		{"code for id", func(h *Hotel, _ *pms.Catalog) { h.Mapping.RatePlans["flexible"] = "FLEX" }, `mapping.rate_plans.flexible: the registry says "FLEX", the hotel system says "BER-DBL-FLEX"`},
	} {
		t.Run(test.name, func(t *testing.T) {
			h, c := hotel.clone(), catalog
			test.change(&h, &c)
			findings := Check(h, c)
			require.Len(t, findings, 1)
			require.Equal(t, test.want, findings[0].String())
		})
	}
}

// FuzzParse: whatever is accepted is valid and reads back as itself; whatever
// is refused says so as ErrInvalid.
func FuzzParse(f *testing.F) {
	document, err := os.ReadFile(sample)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(document)
	f.Add([]byte("id: a1\nlanguages: &l [de]\nphone_lines: *l\n"))
	f.Add([]byte("mapping: {room_types: {? [a] : b}}"))
	f.Fuzz(func(t *testing.T, document []byte) {
		hotel, err := Parse(document)
		if err != nil {
			if !errors.Is(err, ErrInvalid) {
				t.Fatalf("not an ErrInvalid: %v", err)
			}
			return
		}
		again, err := yaml.Marshal(hotel)
		require.NoError(t, err)
		same, err := Parse(again)
		require.NoError(t, err)
		require.Equal(t, hotel.ID, same.ID)
		_, err = rowOf(hotel)
		require.NoError(t, err)
		_, err = hotel.Location()
		require.NoError(t, err)
	})
}
