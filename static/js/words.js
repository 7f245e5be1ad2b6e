/**
 * Every sentence that the scripts say to people, in one place. A later language is another table of the same keys.
 * `{name}` is filled in by `say`; keys ending in `.one` and `.other` are chosen by number.
 */

const ENGLISH = {
  "sender.user": "You",
  "sender.desk": "{company} desk",
  "sender.agent": "{company} staff",
  "sender.system": "Notice",
  "badge.automated": "Automated",
  "badge.agent": "A person",

  "delivery.pending": "Sending…",
  "delivery.waiting": "Waiting for the connection",
  "delivery.failed": "Not sent",
  "delivery.retry": "Send again",
  "delivery.discard": "Remove",

  "progress.queued": "Waiting for its turn…",
  "progress.running": "Looking through the policies…",
  "progress.flight": "Looking up the flight…",
  "progress.booking": "Looking up your booking…",
  "progress.stopping": "Stopping…",

  "outcome.stopped": "Stopped. What was written until then is kept.",
  "outcome.stoppedEmpty": "Stopped before anything was written.",
  "outcome.failed": "The answer could not be finished.",
  "outcome.again": "Ask again",

  "source.model": "Written by a language model from these sources.",
  "source.cache": "Written earlier for the same question, from these sources.",
  "source.quoted": "Quoted word for word from these sources.",
  "source.none": "No source was found for this answer.",
  "sources.title": "Sources",
  "sources.title.one": "{count} source",
  "sources.title.other": "{count} sources",
  "sources.record": "From our records, when this was answered",
  "sources.page": "Page {page}",
  "sources.version": "Version {version}",
  "sources.effective": "in force from {date}",
  "sources.marker": "Source {number}: {title}",
  "sources.markerWaiting": "Source {number}",
  "sources.doubt": "not found in the sources",
  "sources.open": "Open the policy",
  "sources.newTab": "(opens in a new tab)",
  "sources.close": "Close",

  "notice.title": "Heads up",
  "notice.person": "A person",
  "help.call": "Call {number}",
  "help.text": "Text {number}",
  "help.visit": "Website",
  "help.newTab": "opens in a new tab",

  "copy.text": "Copy",
  "copy.markdown": "Copy as Markdown",
  "copy.code": "Copy code",
  "copy.done": "Copied",
  "copy.failed": "Could not copy",

  "quick.label": "Suggested replies",
  "table.label": "Table",
  "code.label": "Code",

  "connection.connecting": "Connecting…",
  "connection.connected": "Connected",
  "connection.reconnecting": "Connection lost. Trying again in {seconds} s",
  "connection.retrying": "Connection lost. Trying again…",
  "connection.offline": "You are offline. Messages are sent when you are back.",
  "connection.dormant": "Paused after a long silence. It wakes when you write.",
  "connection.signed-out": "You are signed out. Your text is kept.",
  "connection.blocked": "Connected without live updates",
  "connection.closed": "Closed",
  "connection.retryNow": "Retry now",
  "connection.signIn": "Sign in",

  "composer.left.one": "{count} character left",
  "composer.left.other": "{count} characters left",
  "composer.wait.one": "You can send again in {count} second",
  "composer.wait.other": "You can send again in {count} seconds",
  "composer.over.one": "{count} character too many",
  "composer.over.other": "{count} characters too many",

  "scroll.down": "To the end",
  "scroll.new.one": "{count} new message",
  "scroll.new.other": "{count} new messages",

  "announce.answering": "Answering…",
  "announce.ready": "Answer ready. {sentence}",
  "announce.stopped": "Answer stopped.",
  "announce.failed": "No answer. {words}",
  "announce.agent": "A member of staff wrote: {sentence}",
  "announce.notSent": "Message not sent. {words}",

  "conversations.untitled": "New conversation",
  "conversations.none": "No conversation matches.",
  "conversations.count.one": "{count} conversation found",
  "conversations.count.other": "{count} conversations found",
  "conversations.closed": "Closed",
  "conversations.delete": "Delete “{title}”",
  "conversations.deleted": "The conversation is deleted.",
  "conversations.notDeleted": "It could not be deleted. Please try again.",

  "history.earlier": "Show earlier messages",
  "history.failed": "Earlier messages could not be loaded. Please try again.",

  "error.unreachable": "The desk cannot be reached right now. Your text is kept; please try again.",
  "error.signedOut": "You are signed out. Your text is kept; please sign in and send it again.",
  "error.notSent": "It could not be sent when you were here last.",
  "error.unknown": "Something went wrong. Please try again.",

  "day.today": "Today",
  "day.yesterday": "Yesterday",
};

const plurals = new Intl.PluralRules("en");

/** Return the sentence for `key`; with a `count`, the form that fits the number. */
export function say(key, values = {}) {
  const form = "count" in values ? `${key}.${plurals.select(values.count)}` : key;
  const words = ENGLISH[form] ?? ENGLISH[key];
  if (words === undefined) throw new Error(`no words for ${key}`);
  return words.replace(/\{(\w+)\}/g, (_, name) => String(values[name]));
}

/** Tell whether there are words for `key`. */
export const knows = (key) => Object.hasOwn(ENGLISH, key);
