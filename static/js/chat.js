/** The chat page: builds the parts and connects them. Every part knows only what it is given here. */

import { Announcer } from "./announcer.js";
import { Api, ApiError } from "./api.js";
import { SourcePopover } from "./citations.js";
import { Composer } from "./composer.js";
import { ConnectionState } from "./connection_state.js";
import { Conversations } from "./conversations.js";
import { Drafts, forgetConversation } from "./drafts.js";
import { emptyState } from "./events.js";
import { Filing } from "./filing.js";
import { news } from "./news.js";
import { Follower } from "./scroll.js";
import { Session } from "./session.js";
import { Title } from "./title.js";
import { Transcript } from "./transcript.js";
import { say } from "./words.js";

const NO_ID = "00000000-0000-0000-0000-000000000000";
const LONGEST_TITLE = 80;
const ARRIVALS = new Set(["completed", "failed", "stopped", "agent"]);

const part = (name) => document.querySelector(`[data-part="${name}"]`);
const page = document.querySelector("[data-chat]").dataset;
const addressOf = (id) => page.conversationUrl.replace(NO_ID, id);
const socketUrl = (id) => `${location.origin.replace(/^http/, "ws")}${page.socketUrl.replace(NO_ID, id)}`;
const items = JSON.parse(document.getElementById("messages").textContent);

const api = new Api({ base: page.apiUrl, csrfToken: part("composer").elements.csrfmiddlewaretoken.value });
const drafts = new Drafts({ user: page.user, conversation: page.conversation || "new" });
const announcer = new Announcer(part("status"));
const title = new Title();
const deletion = part("shelf").querySelector("[data-deletion]");
const conversations = new Conversations({ root: part("shelf"), addressOf, deletion, onDelete: deleteConversation, find });
const filing = new Filing({
  root: part("filing"),
  badge: part("archived"),
  addressOf,
  on: { rename: (words) => refile({ title: words }), archive: (archived) => refile({ archived }) },
});
const popover = new SourcePopover(part("source"));
const follower = new Follower({ scroller: part("log"), content: part("messages"), button: part("down") });
const connectionState = new ConnectionState({ element: part("connection"), retry: () => session.connection?.retryNow() });
const transcript = new Transcript({
  root: part("messages"),
  company: page.company,
  actions: {
    resend: (clientId) => session.resend(clientId),
    discard: (clientId) => session.discard(clientId),
    askAgain: ask,
    reply: ask,
    rate,
    showSource: (citation, opener) => popover.show(citation, opener),
  },
});
const session = new Session({
  api, drafts, items, socketUrl,
  conversation: page.conversation || null,
  on: { change: changed, connection: connectionChanged, created, renamed, filed, gone, problem: complain, limited },
});
const composer = new Composer({
  form: part("composer"),
  count: part("count"),
  wait: part("wait"),
  drafts,
  on: { send: ask, stop: () => session.stop(), lastQuestion: () => session.lastQuestion },
});

let isDrawing = false;
let announced = emptyState();

function ask(text) {
  part("problem").hidden = true;
  session.ask(text);
  follower.asked();
}

async function rate(turn, rating) {
  part("problem").hidden = true;
  const isKept = await session.rate(turn, rating);
  if (isKept) announcer.say(say(rating ? "rating.thanks" : "rating.takenBack"));
  return isKept;
}

/** At most one drawing a frame, however many events come. */
function changed(state, before) {
  const items = announced === before ? news(before, state) : [];
  announced = state;
  announcer.tell(items);
  const count = items.filter(({ kind }) => ARRIVALS.has(kind)).length;
  title.arrived(count);
  follower.arrived(count);
  composer.answering = { isAnswering: session.running !== null, canStop: session.isCarried };
  if (isDrawing) return;
  isDrawing = true;
  requestAnimationFrame(draw);
}

function draw() {
  isDrawing = false;
  part("welcome").hidden = session.state.entries.length > 0;
  transcript.draw(session.state, { isConnected: session.isCarried, stopping: session.stopping });
}

function connectionChanged(state) {
  connectionState.show(state);
  changed(session.state, session.state);
}

function created(id) {
  history.replaceState(null, "", addressOf(id));
  const words = titleOf(session.lastQuestion);
  conversations.add({ id, title: words });
  filed({ id, title: words, archived: false });
  renamed(words);
}

/** The conversation has another title or place, by this page or by another. */
function filed(conversation) {
  filing.show(conversation);
}

async function refile(change) {
  try {
    const changed = await api.changeConversation(session.conversation, change);
    filed(changed);
    renamed(changed.title || say("conversations.untitled"));
    if ("archived" in change) part("status").textContent = say(change.archived ? "conversations.archived" : "conversations.takenOut");
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    complain(error.words || say("conversations.notChanged"));
  }
}

/** Look words up in all messages; null where that does not work just now: titles are searched without. */
async function find(words) {
  try {
    return await api.findConversations(words);
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    return null;
  }
}

/** A title until the server gives one: the question, cut at a word. */
function titleOf(text) {
  const line = text.replace(/\s+/g, " ").trim();
  return line.length <= LONGEST_TITLE ? line : `${line.slice(0, LONGEST_TITLE - 1).replace(/ \S*$/, "")}…`;
}

function renamed(words) {
  conversations.rename(session.conversation, words);
  part("heading").textContent = words;
  title.rename(`${words} · ${page.company}`);
}

function limited(text, seconds) {
  const isTaken = composer.hold(text, seconds);
  // Where it is not, the words beside the message are an alert.
  if (isTaken) announcer.say(say("announce.notSent", { words: say("composer.wait", { count: seconds }) }));
  return isTaken;
}

/** Delete a conversation; tell whether that worked. The present one's page goes with it. */
async function deleteConversation(id) {
  try {
    await api.deleteConversation(id);
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    if (error.status !== 404) {
      complain(error.words || say("conversations.notDeleted"));
      return false;
    }
  }
  forgetConversation(id);
  if (id === session.conversation) gone();
  part("status").textContent = say("conversations.deleted");
  return true;
}

/** The conversation on the page was deleted, here or elsewhere: nothing of it stays on the screen. */
function gone() {
  session.connection?.close();
  forgetConversation(session.conversation);
  location.replace(page.newUrl);
}

function complain(words) {
  part("problem").hidden = false;
  part("problem").textContent = words;
}

function onKey(event) {
  if (event.key === "Escape" && !document.querySelector(":popover-open") && session.running) {
    event.preventDefault();
    session.stop();
    composer.focus();
  } else if (event.key === "F6") {
    event.preventDefault();
    const answer = transcript.lastAnswer;
    if (!answer || answer.contains(document.activeElement)) return composer.box.focus();
    answer.tabIndex = -1;
    answer.focus();
  }
}

document.addEventListener("keydown", onKey);
document.addEventListener("visibilitychange", () => document.hidden || session.connection?.visible());
addEventListener("online", () => session.connection?.online());
addEventListener("offline", () => session.connection?.offline());
addEventListener("pageshow", ({ persisted }) => persisted && session.connection?.visible());
for (const starter of document.querySelectorAll("[data-starter]")) {
  starter.addEventListener("click", (event) => {
    event.preventDefault();
    ask(starter.value);
    composer.focus();
  });
}

session.start();
composer.focus();
