// Service worker, started by /sw.js, which says what to keep (self.shell). It keeps the files that pages are made of
// and one page to show without a connection; never a page or an answer of the product itself.
const { version, files, offline } = self.shell;
const CACHE = `shell-${version}`;

self.addEventListener("install", (event) => event.waitUntil((async () => {
  const cache = await caches.open(CACHE);
  // Without cookies: what is kept is about nobody.
  await cache.addAll([...files, offline].map((url) => new Request(url, { credentials: "omit" })));
  await self.skipWaiting();
})()));

self.addEventListener("activate", (event) => event.waitUntil((async () => {
  const old = (await caches.keys()).filter((name) => name !== CACHE);
  await Promise.all(old.map((name) => caches.delete(name)));
  await self.registration.navigationPreload?.enable();
  await self.clients.claim();
})()));

const kept = async (url) => (await caches.open(CACHE)).match(url, { ignoreVary: true });

const page = async (event) => {
  try {
    return (await event.preloadResponse) || (await fetch(event.request));
  } catch {
    return (await kept(offline)) || Response.error();
  }
};

const file = async (request, path) => {
  try {
    return await fetch(request);
  } catch {
    return (await kept(path)) || Response.error();
  }
};

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  if (origin !== self.location.origin) return;
  if (request.mode === "navigate") event.respondWith(page(event));
  else if (request.method === "GET" && files.includes(pathname)) event.respondWith(file(request, pathname));
});
