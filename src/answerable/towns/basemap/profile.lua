-- For tilemaker 2. What is drawn, and from which zoom, was decided before (kinds.py): each thing
-- comes with the tags "layer", "zoom", "filled", and with what is said of it. Here it is only passed on.

node_keys = { "layer" }

local words = { "kind", "tunnel", "number" }
local numbers = { "level", "rank" }
local names = { "name", "name:en", "name:zh" }

local function say(thing)
  thing:MinZoom(tonumber(thing:Find("zoom")))
  for _, key in ipairs(words) do
    local value = thing:Find(key)
    if value ~= "" then thing:Attribute(key, value) end
  end
  for _, key in ipairs(numbers) do
    local value = tonumber(thing:Find(key))
    if value then thing:AttributeNumeric(key, value) end
  end
  local from = tonumber(thing:Find("named")) or 0
  for _, key in ipairs(names) do
    local value = thing:Find(key)
    if value ~= "" then thing:Attribute(key, value, from) end
  end
end

function node_function(node)
  node:Layer(node:Find("layer"), false)
  say(node)
end

function way_function(way)
  local layer = way:Find("layer")
  if layer == "" then return end
  way:Layer(layer, way:Find("filled") == "yes")
  say(way)
end
