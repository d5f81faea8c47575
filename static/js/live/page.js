// What the server put into the page for the scripts, and small helpers around it.
export function pageData(id) {
  return JSON.parse(document.getElementById(id).textContent);
}

export function fill(text, values) {
  return text.replace(/\{(\w+)\}/g, (whole, key) => (key in values ? String(values[key]) : whole));
}

export function uuid() {
  if (crypto.randomUUID) return crypto.randomUUID();
  // Without TLS browsers keep randomUUID back, but not the random bytes.
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

export const memory = {
  get(key, otherwise) {
    try {
      const stored = sessionStorage.getItem(key);
      return stored === null ? otherwise : JSON.parse(stored);
    } catch {
      return otherwise;
    }
  },
  set(key, value) {
    try {
      sessionStorage.setItem(key, JSON.stringify(value));
    } catch {
      // A full or forbidden storage costs the safety net over reloads, nothing else.
    }
  },
  clear() {
    try {
      sessionStorage.clear();
    } catch {
      // Nothing was stored then.
    }
  },
};
