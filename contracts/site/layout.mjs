// Reads graphs as JSON and writes, for each, where its boxes and arrows lie: a layout in layers by dagre.
import { readFileSync } from "node:fs";
import dagre from "@dagrejs/dagre";

function laid({ boxes, arrows }) {
  const graph = new dagre.graphlib.Graph({ multigraph: true });
  graph.setGraph({ rankdir: "TB", nodesep: 18, ranksep: 40, edgesep: 8, marginx: 12, marginy: 12 });
  for (const { id, width, height } of boxes) graph.setNode(id, { width, height });
  arrows.forEach(({ start, to, width, height }, at) =>
    graph.setEdge(start, to, { width, height, labelpos: "c" }, String(at)));
  dagre.layout(graph);
  const { width, height } = graph.graph();
  return {
    width, height,
    boxes: boxes.map(({ id }) => { const { x, y } = graph.node(id); return { x, y }; }),
    arrows: arrows.map(({ start, to }, at) => { const { points, x, y } = graph.edge(start, to, String(at)); return { points, x, y }; }),
  };
}

process.stdout.write(JSON.stringify(JSON.parse(readFileSync(0, "utf8")).map(laid)));
