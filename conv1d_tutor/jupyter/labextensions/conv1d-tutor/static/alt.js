// Do those who do not see a picture get its words? Notebooks store them, with the picture or with its cell, and
// JupyterLab 4 leaves them out. JupyterLab loads this as an extension of its own kind, without a build: a container
// with `init` and `get`, as module federation has it.

/** The words stored for a picture: with the output that shows it, or with the cell. */
function wordsFor(image, notebook) {
  const cell = notebook.widgets.find(({ node }) => node.contains(image));
  const outputs = cell?.model.outputs;
  const at = cell?.outputArea?.widgets.findIndex(({ node }) => node.contains(image)) ?? -1;
  const output = outputs && at >= 0 && at < outputs.length ? outputs.get(at) : undefined;
  return Object.values(output?.metadata ?? {}).find((about) => about?.alt)?.alt ?? cell?.model.getMetadata("alt");
}

const plugin = {
  id: "conv1d-tutor:alt",
  autoStart: true,
  activate: ({ docRegistry }) =>
    docRegistry.addWidgetExtension("Notebook", {
      createNew({ content, node, disposed }) {
        const watch = new MutationObserver(() => {
          for (const image of node.querySelectorAll(".jp-RenderedImage img:not([alt])")) {
            const words = wordsFor(image, content);
            if (words) image.alt = words;
          }
        });
        watch.observe(node, { childList: true, subtree: true });
        disposed.connect(() => watch.disconnect());
      },
    }),
};

(window._JUPYTERLAB ??= {})["conv1d-tutor"] = { init() {}, get: async () => () => ({ __esModule: true, default: plugin }) };
