// Package console is the desk of a hotel's compliance officer: pages that show
// data-subject requests with their clocks, legal holds, retention, what a guest
// agreed to, the state of the audit log and evidence packs, and forms that act
// on them.
//
// The pages are written by the server and need no JavaScript. Officers log in
// at the OpenID provider; the session is a sealed cookie, so any process of the
// fleet can serve the next page. A form counts only with the session's own
// token, and only when the browser says that it comes from these pages. What
// tells of a guest is asked by POST and never stands in an address.
//
// In the house it stands beside starter/api, which mounts it at /console;
// `voicehive console` runs it alone. Each part that it shows is an interface
// here, and a part that nobody gives has no page and no link.
package console
