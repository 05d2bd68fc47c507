package subjects

import (
	"github.com/voicehive/voicehive/compliance/register"
)

// Counts are the rows and objects of some scopes, by what they are.
type Counts struct {
	Index      int64 `json:"index"`      // ways to find the guest
	Guests     int64 `json:"guests"`     // sealed guests of bookings
	Companions int64 `json:"companions"` // sealed other people of bookings
	Turns      int64 `json:"turns"`      // what was said
	Recordings int64 `json:"recordings"` // rows about recordings
	Objects    int64 `json:"objects"`    // recordings themselves
	Quotes     int64 `json:"quotes"`     // offers, which may hold a guest's codes
	Intents    int64 `json:"intents"`    // requests with something sealed, or with a digest of what the guest sent
	Bookings   int64 `json:"bookings"`   // ledger rows that name the subject
	Messages   int64 `json:"messages"`   // sealed messages to the guest, letters of a case apart
	Codes      int64 `json:"codes"`      // one-time codes
	Decisions  int64 `json:"decisions"`  // decisions that tell which bookings were one person's
	Deliveries int64 `json:"deliveries"` // events of the hotel's system about the bookings
	// Restrictions say that what is there may be stored only.
	Restrictions int64 `json:"restrictions"`
}

// Total is all of them.
func (c Counts) Total() (n int64) {
	for _, each := range c.each() {
		n += *each
	}
	return n
}

// Add adds what was erased at another time.
func (c *Counts) Add(more Counts) {
	theirs := more.each()
	for i, each := range c.each() {
		*each += *theirs[i]
	}
}

func (c *Counts) each() []*int64 {
	return []*int64{
		&c.Index, &c.Guests, &c.Companions, &c.Turns, &c.Recordings, &c.Objects, &c.Quotes, &c.Intents, &c.Bookings,
		&c.Messages, &c.Codes, &c.Decisions, &c.Deliveries, &c.Restrictions,
	}
}

// A rowErasure is how a class of rows is found and erased. In both statements
// $1 is the hotel, $2 the scopes; find answers with scopes and how many rows of
// each are left.
type rowErasure struct {
	class     register.Class
	find, sql string
	count     func(*Counts) *int64
}

// rowErasures are all of them. The ledger's rows stay with nothing of the guest
// in them. Letters of a case stay for as long as the case does, under its own
// key. Consent events stay too: they prove that we were allowed, and what they
// hold of the guest is sealed under a key of its own. Offers are erased before
// the requests that lead to them. The digest of what a guest sent goes as well:
// whoever has the hotel's key could try names on it; chance takes its place, so
// that a very late repeat is refused and books nothing.
var rowErasures = []rowErasure{
	{
		register.Index, `select scope, count(*) from guest_index where hotel = $1 and scope = any($2) group by 1`,
		`delete from guest_index where hotel = $1 and scope = any($2)`, func(c *Counts) *int64 { return &c.Index },
	},
	{
		register.Guest, `select booking, count(*) from guest where hotel = $1 and booking = any($2) group by 1`,
		`delete from guest where hotel = $1 and booking = any($2)`, func(c *Counts) *int64 { return &c.Guests },
	},
	{
		register.Companion, `select scope, count(*) from party where hotel = $1 and scope = any($2) group by 1`,
		`delete from party where hotel = $1 and scope = any($2)`, func(c *Counts) *int64 { return &c.Companions },
	},
	{
		register.Turn, `select call, count(*) from turn where hotel = $1 and call = any($2) group by 1`,
		`delete from turn where hotel = $1 and call = any($2)`, func(c *Counts) *int64 { return &c.Turns },
	},
	{
		// A recording's object is put down to be erased in the transaction that
		// erases its row: from then on no hold can come too late for one of them.
		register.Recording, `select call, count(*) from recording where hotel = $1 and call = any($2) group by 1`,
		`with gone as (delete from recording where hotel = $1 and call = any($2) returning call, object)
		 insert into erased_object (hotel, object, scope) select $1, object, call from gone on conflict do nothing`,
		func(c *Counts) *int64 { return &c.Recordings },
	},
	{
		// Offers that became a booking, and those of its changes. Each half has its
		// index: together in one condition they would read every offer.
		register.Draft, `
		select booking, count(*) from (
			select booking, id from quote where hotel = $1 and booking = any($2)
			union
			select i.booking, q.id from intent i join quote q on q.hotel = i.hotel and q.id = i.quote
			where i.hotel = $1 and i.booking = any($2)) q group by 1`,
		`delete from quote where hotel = $1 and id in (
			select id from quote where hotel = $1 and booking = any($2)
			union all
			select quote from intent where hotel = $1 and booking = any($2) and quote is not null)`,
		func(c *Counts) *int64 { return &c.Quotes },
	},
	{
		register.Draft, `
		select booking, count(*) from intent where hotel = $1 and booking = any($2) and (sealed is not null or erased_at is null) group by 1`,
		`update intent set sealed = null, erased_at = now(),
			body_hmac = sha256(uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()))
		where hotel = $1 and booking = any($2) and (sealed is not null or erased_at is null)`,
		func(c *Counts) *int64 { return &c.Intents },
	},
	{
		register.Booking, `select id, count(*) from booking where hotel = $1 and id = any($2) and subject is not null group by 1`,
		`update booking set subject = null where hotel = $1 and id = any($2) and subject is not null`,
		func(c *Counts) *int64 { return &c.Bookings },
	},
	{
		register.Message, `
		select scope, count(*) from message where hotel = $1 and scope = any($2) and purpose = 'operations' and sealed is not null group by 1`,
		`update message set sealed = null, updated_at = now() where hotel = $1 and scope = any($2) and purpose = 'operations' and sealed is not null`,
		func(c *Counts) *int64 { return &c.Messages },
	},
	{
		register.Code, `select scope, count(*) from one_time_code where hotel = $1 and scope = any($2) group by 1`,
		`delete from one_time_code where hotel = $1 and scope = any($2)`, func(c *Counts) *int64 { return &c.Codes },
	},
	{
		// A decision about others too keeps their scopes.
		register.SubjectDecision, `
		select s, count(*) from subject_decision d, unnest(d.scopes) s
		where d.hotel = $1 and d.scopes && $2 and s = any($2) and d.done_at is not null group by 1`,
		`with gone as (delete from subject_decision where hotel = $1 and scopes && $2 and scopes <@ $2 and done_at is not null returning id),
		 cut as (update subject_decision set scopes = array(select s from unnest(scopes) s where s <> all($2))
			where hotel = $1 and scopes && $2 and not scopes <@ $2 and done_at is not null returning id)
		 select id from gone union all select id from cut`,
		func(c *Counts) *int64 { return &c.Decisions },
	},
	{
		register.Restriction, `select scope, count(*) from restriction where hotel = $1 and scope = any($2) group by 1`,
		`delete from restriction where hotel = $1 and scope = any($2)`, func(c *Counts) *int64 { return &c.Restrictions },
	},
	{
		register.WebhookDelivery, `
		select b.id, count(*) from booking b join webhook_delivery w on w.hotel = b.hotel and w.reservation = b.vendor_booking
		where b.hotel = $1 and b.id = any($2) group by 1`,
		`delete from webhook_delivery w using booking b
		where b.hotel = $1 and b.id = any($2) and w.hotel = b.hotel and w.reservation = b.vendor_booking`,
		func(c *Counts) *int64 { return &c.Deliveries },
	},
}
