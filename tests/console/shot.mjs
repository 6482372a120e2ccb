// Takes a picture of a page as WebP, which is a third of a PNG; made by the browser itself.
import { writeFileSync } from "node:fs";

const kQuality = 0.82;

export async function darkroom(browser) {
  const page = await (await browser.newContext()).newPage();
  return async (from, path) => {
    const png = (await from.screenshot({ timeout: 60_000 })).toString("base64");
    if (process.env.PICTURES_PNG) writeFileSync(`${process.env.PICTURES_PNG}/${path.split("/").pop()}.png`, Buffer.from(png, "base64"));
    const webp = await page.evaluate(async ([data, quality]) => {
      const picture = new Image();
      picture.src = `data:image/png;base64,${data}`;
      await picture.decode();
      const canvas = document.createElement("canvas");
      canvas.width = picture.width;
      canvas.height = picture.height;
      canvas.getContext("2d").drawImage(picture, 0, 0);
      return canvas.toDataURL("image/webp", quality).split(",")[1];
    }, [png, kQuality]);
    const bytes = Buffer.from(webp, "base64");
    writeFileSync(`${path}.webp`, bytes);
    return bytes.length;
  };
}
