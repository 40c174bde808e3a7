// npm subsonic-api: GET (with a Content-Type of JSON, oddly) and form POST, token and salt, API keys; dates are read as Date.
import { strict as assert } from "node:assert";
import { pathToFileURL } from "node:url";

const [folder, url, username, password, apiKey] = process.argv.slice(2);
const { SubsonicAPI } = await import(pathToFileURL(`${folder}/lib/index.js`).href);
const ways = [
  new SubsonicAPI({ url, auth: { username, password } }),
  new SubsonicAPI({ url, auth: { username, password }, post: true }),
  new SubsonicAPI({ url, auth: { apiKey } }),
  new SubsonicAPI({ url, auth: { apiKey }, post: true }),
];
const seen = {};
for (const api of ways) {
  assert.equal((await api.ping()).status, "ok");
  const extensions = (await api.getOpenSubsonicExtensions()).openSubsonicExtensions;
  assert.ok(extensions.some((one) => one.name === "formPost"));
  assert.ok((await api.getLicense()).license.valid);
  const artists = (await api.getArtists()).artists.index.flatMap((index) => index.artist);
  const albums = (await Promise.all(artists.map((one) => api.getArtist({ id: one.id })))).flatMap((one) => one.artist.album);
  const whole = await Promise.all(albums.map((one) => api.getAlbum({ id: one.id })));
  const album = whole.map((one) => one.album).sort((a, b) => b.songCount - a.songCount)[0];
  assert.ok(album.created instanceof Date && !Number.isNaN(album.created.getTime()));
  const [first, second] = album.song;
  Object.assign(seen, { artists: artists.length, albums: albums.length });
  const indexes = (await api.getIndexes()).indexes;
  assert.ok((await api.getMusicDirectory({ id: indexes.index[0].artist[0].id })).directory.child.length);
  assert.equal((await api.getSong({ id: first.id })).song.title, first.title);
  assert.ok((await api.getAlbumList2({ type: "newest" })).albumList2.album.length);
  assert.equal((await api.getRandomSongs({ size: 2 })).randomSongs.song.length, 2);
  assert.ok((await api.search3({ query: first.title })).searchResult3.song.some((one) => one.id === first.id));
  const made = (await api.createPlaylist({ name: "from subsonic-api", songId: [second.id, first.id] })).playlist;
  assert.deepEqual(made.entry.map((one) => one.id), [second.id, first.id]);
  await api.updatePlaylist({ playlistId: made.id, songIdToAdd: [first.id], songIndexToRemove: [0] });
  assert.deepEqual((await api.getPlaylist({ id: made.id })).playlist.entry.map((one) => one.id), [first.id, first.id]);
  assert.ok((await api.getPlaylists()).playlists.playlist.some((one) => one.id === made.id));
  assert.equal((await api.deletePlaylist({ id: made.id })).status, "ok");
  assert.equal((await api.getPlaylist({ id: made.id })).error.code, 70);
  await api.star({ id: first.id, albumId: album.id });
  const starred = (await api.getStarred2()).starred2;
  assert.ok(starred.song[0].starred instanceof Date && starred.album.length === 1);
  await api.unstar({ id: first.id, albumId: album.id });
  await api.setRating({ id: first.id, rating: 5 });
  assert.equal((await api.getSong({ id: first.id })).song.userRating, 5);
  await api.setRating({ id: first.id, rating: 0 });
  const sound = await api.stream({ id: first.id, format: "raw" });
  assert.equal(sound.status, 200);
  seen.bytes = (await sound.arrayBuffer()).byteLength;
  assert.ok((await (await api.getCoverArt({ id: first.coverArt })).arrayBuffer()).byteLength > 20);
  await api.savePlayQueue({ id: [first.id, second.id], current: first.id, position: 3 });
  assert.equal((await api.getPlayQueue()).playQueue.current, first.id);
  await api.createBookmark({ id: first.id, position: 100 });
  assert.equal((await api.getBookmarks()).bookmarks.bookmark[0].position, 100);
  await api.deleteBookmark({ id: first.id });
  assert.equal((await api.reportPlayback({ mediaId: first.id, mediaType: "song", positionMs: 0, state: "playing" })).status, "ok");
  assert.ok((await api.getNowPlaying()).nowPlaying.entry.length);
  assert.equal((await api.scrobble({ id: first.id, time: 1700000000000, submission: true })).status, "ok");
  assert.ok((await api.getLyricsBySongId({ id: first.id })).lyricsList);
}
assert.equal((await new SubsonicAPI({ url, auth: { username, password: "no" } }).ping()).error.code, 40);
assert.equal((await new SubsonicAPI({ url, auth: { apiKey: "no" } }).ping()).error.code, 44);
console.log(JSON.stringify(seen));
